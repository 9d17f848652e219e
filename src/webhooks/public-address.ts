import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address as it is judged: an IPv4-mapped IPv6 address has already become the IPv4 address in it. */
export type ParsedAddress = ipaddr.IPv4 | ipaddr.IPv6;

const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Addresses that a router of the cloud answers on although the registry calls them ordinary: 168.63.129.16 is
 * Azure's host agent, which hands out machine configuration to whoever asks from inside.
 */
const HOST_AGENTS = new Set(['168.63.129.16']);

/**
 * Reads a canonical IP literal, as a socket or a resolver gives it: four decimal parts, or IPv6 without brackets.
 * Null for anything else: `127.1`, `010.0.0.1`, names, and whatever bears a zone id, which only means something
 * on this machine's own links.
 */
export function parseAddress(address: string): ParsedAddress | null {
  if (isIP(address) === 0 || address.includes('%')) return null;
  if (isIP(address) === 4) return ipaddr.IPv4.parse(address);
  // In hexadecimal groups, since ipaddr.js reads `::1.2.3.4` as if it were `::ffff:1.2.3.4`.
  return ipaddr.process(new URL(`http://[${address}]`).hostname.slice(1, -1));
}

/**
 * True only for globally routable unicast, after IANA's IPv4 and IPv6 special-purpose address registries
 * (RFC 6890). Whatever is not known to be that is not public: shared, benchmarking, documentation, reserved and
 * multicast blocks, all IPv6 outside 2000::/3, and every prefix that carries an IPv4 address inside (6to4, Teredo,
 * NAT64, IPv4-compatible), since a gateway would lead back in. An IPv4-mapped address is judged as its IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === null || parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv6') return parsed.match(GLOBAL_UNICAST_V6);
  return !HOST_AGENTS.has(parsed.toString());
}
