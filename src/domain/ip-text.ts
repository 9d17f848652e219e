import ipaddr from 'ipaddr.js';

const COLON = 0x3a;
const DOT = 0x2e;
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` */
const MAX_LENGTH = 45;

/**
 * The four octets of an IPv4 address in dotted decimal (RFC 6943, section 3.1.1, "strict"): four numbers 0 to 255
 * without leading zeros. Null for anything else: octal, hexadecimal and shortened forms, ports, spaces.
 */
export function readIPv4(text: string): number[] | null {
  if (text.length < 7 || text.length > 15) return null;
  const octets: number[] = [];
  let octet = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0) return null;
      octets.push(octet);
      octet = -1;
    } else {
      const digit = code - 0x30;
      if (digit < 0 || digit > 9 || octet === 0) return null;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return null;
    }
  }
  if (octet < 0 || octets.length !== 3) return null;
  octets.push(octet);
  return octets;
}

function hasOnlyHexAndColons(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 0x20;
    if (!((code >= 0x30 && code <= 0x39) || code === COLON || (lower >= 0x61 && lower <= 0x66))) return false;
  }
  return true;
}

/** The same address with a dotted-decimal end written in hexadecimal; null where that end is not dotted decimal. */
function withoutDottedEnd(text: string): string | null {
  if (!text.includes('.')) return text;
  const start = text.lastIndexOf(':') + 1;
  const octets = readIPv4(text.slice(start));
  if (octets === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  return `${text.slice(0, start)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/**
 * The sixteen bytes of an IPv6 address in any form of RFC 4291, section 2.2. Null for anything else: zone ids,
 * brackets, ports, spaces, a dotted end with leading zeros.
 */
export function readIPv6(text: string): number[] | null {
  if (text.length > MAX_LENGTH || !text.includes(':')) return null;
  // ipaddr.js reads a dotted end loosely, and takes ::1.2.3.4 for ::ffff:1.2.3.4, so it never gets to see one.
  const hexadecimal = withoutDottedEnd(text);
  if (hexadecimal === null || !hasOnlyHexAndColons(hexadecimal)) return null;
  try {
    return ipaddr.IPv6.parse(hexadecimal).toByteArray();
  } catch {
    return null;
  }
}

/** The canonical text (RFC 5952, section 4) of the sixteen bytes of an IPv6 address. */
export function writeIPv6(bytes: readonly number[]): string {
  return new ipaddr.IPv6([...bytes]).toRFC5952String();
}

/** Whether sixteen bytes are an IPv4-mapped address (RFC 4291, section 2.5.5.2): `::ffff:a.b.c.d`. */
export function isMapped(bytes: readonly number[]): boolean {
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** `text.slice(start, end)` without the spaces and tabs around it (OWS of RFC 9110, section 5.6.3). */
export function sliceWithoutBlanks(text: string, start: number, end: number): string {
  let first = start;
  let last = end;
  while (first < last && isBlank(text.charCodeAt(first))) first++;
  while (last > first && isBlank(text.charCodeAt(last - 1))) last--;
  return text.slice(first, last);
}
