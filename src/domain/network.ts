import {
  addressMistake,
  hostBitsMistake,
  mappedBlockMistake,
  prefixLengthMistake,
} from './address-mistakes.ts';
import { isMapped, readIPv4, readIPv6, sliceWithoutBlanks, writeIPv6 } from './ip-text.ts';

/**
 * An address in its one canonical form: `bytes` are 4 or 16 in network order, `text` is dotted decimal or RFC 5952.
 * An IPv4-mapped IPv6 address is always the IPv4 address, so that no rule can be passed by the other notation.
 */
export type Address = { readonly family: 4 | 6; readonly bytes: readonly number[]; readonly text: string };

/** A block of addresses whose host bits are zero; a single address is a block of full `prefixLength`. */
export type AddressRule = Address & { readonly prefixLength: number };

export type AddressRuleResult =
  | { readonly ok: true; readonly rule: AddressRule }
  | { readonly ok: false; readonly detail: string };

/** What `admits` decides upon. `readable` is false where an entry could not be read: nothing is admitted then. */
export type AddressList = {
  readonly readable: boolean;
  readonly allowed: readonly AddressRule[];
  readonly denied: readonly AddressRule[];
};

const UNREADABLE_LIST: AddressList = { readable: false, allowed: [], denied: [] };
const MAPPED = '::ffff:';

function ipv4Address(bytes: readonly number[]): Address {
  return { family: 4, bytes, text: `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` };
}

function ipv6Address(bytes: readonly number[]): Address {
  return { family: 6, bytes, text: writeIPv6(bytes) };
}

/**
 * Reads one address: IPv4 as four decimal numbers without leading zeros, IPv6 in any form of RFC 4291 section 2.2.
 * Null for everything else: octal, hexadecimal and shortened IPv4, ports, brackets, zone ids, blocks, spaces.
 * Never throws.
 */
export function parseAddress(text: string): Address | null {
  const octets = readIPv4(text.startsWith(MAPPED) ? text.slice(MAPPED.length) : text);
  if (octets !== null) return ipv4Address(octets);
  const bytes = readIPv6(text);
  if (bytes === null) return null;
  return isMapped(bytes) ? ipv4Address(bytes.slice(12)) : ipv6Address(bytes);
}

/** The prefix length behind the slash, or -1: decimal, at most `longest`, no sign, no leading zero, not empty. */
function readPrefixLength(text: string, longest: number): number {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return -1;
  const length = Number(text);
  return length <= longest ? length : -1;
}

/** The block of `prefixLength` bits around an address, its host bits cleared. */
function blockAround(address: Address, prefixLength: number): AddressRule {
  const bytes = address.bytes.map((byte, i) => {
    const kept = Math.min(Math.max(prefixLength - i * 8, 0), 8);
    return byte & (0xff00 >> kept) & 0xff;
  });
  const first = address.family === 4 ? ipv4Address(bytes) : ipv6Address(bytes);
  const isOneAddress = prefixLength === bytes.length * 8;
  return { ...first, prefixLength, text: isOneAddress ? first.text : `${first.text}/${prefixLength}` };
}

/**
 * Reads an entry of an address list: an address or a CIDR block (RFC 4632, RFC 4291 section 2.3). A mapped address
 * becomes the IPv4 address. Refused, with a `detail` for whoever wrote it: set host bits, mapped blocks, bad prefix
 * lengths, and everything that `parseAddress` refuses. An IPv6 block, `::/0` too, says nothing about IPv4 clients.
 */
export function parseAddressRule(text: string): AddressRuleResult {
  const slash = text.indexOf('/');
  const addressText = slash < 0 ? text : text.slice(0, slash);
  const address = /\s/.test(text) ? null : parseAddress(addressText);
  if (address === null) return { ok: false, detail: addressMistake(/\s/.test(text) ? text : addressText) };
  const addressBits = address.bytes.length * 8;
  if (slash < 0) return { ok: true, rule: blockAround(address, addressBits) };

  const lengthText = text.slice(slash + 1);
  if (address.family === 4 && addressText.includes(':')) {
    const length = readPrefixLength(lengthText, 128) - 96;
    return { ok: false, detail: mappedBlockMistake(length < 0 ? null : blockAround(address, length).text) };
  }
  const length = readPrefixLength(lengthText, addressBits);
  if (length < 0) return { ok: false, detail: prefixLengthMistake(address.family, addressBits) };
  const rule = blockAround(address, length);
  if (rule.bytes.some((byte, i) => byte !== address.bytes[i])) {
    return { ok: false, detail: hostBitsMistake(rule.text, address.text) };
  }
  return { ok: true, rule };
}

function readRules(entries: readonly string[]): AddressRule[] | null {
  if (!Array.isArray(entries)) return null;
  const rules: AddressRule[] = [];
  for (const entry of entries) {
    const result = typeof entry === 'string' ? parseAddressRule(entry) : null;
    if (!result?.ok) return null;
    rules.push(result.rule);
  }
  return rules;
}

/**
 * Prepares stored lists for `admits`. Where either is not an array of readable entries, the outcome is a list that
 * admits nobody: what cannot be read at decision time means deny. Never throws.
 */
export function compileAddressList(allowed: readonly string[], denied: readonly string[]): AddressList {
  const allowedRules = readRules(allowed);
  const deniedRules = readRules(denied);
  if (allowedRules === null || deniedRules === null) return UNREADABLE_LIST;
  return { readable: true, allowed: allowedRules, denied: deniedRules };
}

function isInBlock(rule: AddressRule, address: Address): boolean {
  if (rule.family !== address.family) return false;
  const wholeBytes = rule.prefixLength >> 3;
  for (let i = 0; i < wholeBytes; i++) if (rule.bytes[i] !== address.bytes[i]) return false;
  const restBits = rule.prefixLength & 7;
  if (restBits === 0) return true;
  return ((rule.bytes[wholeBytes] as number) ^ (address.bytes[wholeBytes] as number)) >> (8 - restBits) === 0;
}

function isInAny(rules: readonly AddressRule[], address: Address): boolean {
  for (const rule of rules) if (isInBlock(rule, address)) return true;
  return false;
}

/**
 * Whether a client may pass. Empty lists restrict nobody, an address that could not be read (null) included; where
 * a list is set, null is refused, a denied address is refused even if allowed, and an empty `allowed` allows the
 * rest.
 */
export function admits(list: AddressList, address: Address | null): boolean {
  if (!list.readable) return false;
  if (list.allowed.length === 0 && list.denied.length === 0) return true;
  if (address === null || isInAny(list.denied, address)) return false;
  return list.allowed.length === 0 || isInAny(list.allowed, address);
}

/** Whether every address of these rules is one of `outer`, block by block. */
export function isWithin(rules: readonly AddressRule[], outer: readonly AddressRule[]): boolean {
  return rules.every((rule) =>
    outer.some((block) => block.prefixLength <= rule.prefixLength && isInBlock(block, rule)),
  );
}

/**
 * The network by which throttles count a client: its IPv4 address, the /64 of its IPv6 address (one subscriber has
 * at least that, RFC 6177) such as `2001:db8:1:2::/64`, or `unknown` for an address that could not be read.
 */
export function clientNetwork(address: Address | null): string {
  if (address === null) return 'unknown';
  return address.family === 4 ? address.text : blockAround(address, 64).text;
}

/** Whether the socket's peer is a trusted proxy. */
export function isTrustedPeer(peer: string | undefined, trusted: readonly AddressRule[]): boolean {
  const address = peer === undefined || trusted.length === 0 ? null : parseAddress(peer);
  return address !== null && isInAny(trusted, address);
}

/**
 * The address a request came from: that of the socket's peer, unless the peer is a trusted proxy. Then it is the
 * rightmost hop of `forwardedFor` (all X-Forwarded-For fields joined by commas, undefined for none) that is not
 * itself trusted, since everything left of it was written by someone who may lie; where all are trusted, the
 * leftmost. Null where the peer or a hop on the way cannot be read, an empty one included. No rules, no trust.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly AddressRule[],
): Address | null {
  let client = peer === undefined ? null : parseAddress(peer);
  let end = forwardedFor === undefined ? -1 : forwardedFor.length;
  while (end >= 0 && forwardedFor !== undefined && client !== null && isInAny(trusted, client)) {
    const comma = end === 0 ? -1 : forwardedFor.lastIndexOf(',', end - 1);
    client = parseAddress(sliceWithoutBlanks(forwardedFor, comma + 1, end));
    end = comma;
  }
  return client;
}
