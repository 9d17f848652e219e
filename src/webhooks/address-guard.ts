import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, type ParsedAddress, parseAddress } from './public-address.ts';

/** A host name in, every address of it out, A and AAAA; rejects where the name has none. */
export type Resolve = (hostname: string) => Promise<readonly { address: string }[]>;

/** The reason is for the operator's log; a tenant learns the code only. It never holds a path or a query. */
export class BlockedAddress extends Error {
  readonly code = 'blocked_address';
  override readonly name = 'BlockedAddress';
}

/** Decides which addresses an outgoing request may reach. */
export interface AddressGuard {
  /** Whether the address, a canonical IP literal, is in one of the operator's blocks. */
  isListed(address: string): boolean;
  /** Whether the address, a canonical IP literal, is public or listed. */
  permits(address: string): boolean;
  /** What the URL alone forbids, in words that may be shown to whoever wrote it; null where nothing does. */
  objection(url: URL): string | null;
  /** Throws BlockedAddress for a URL with an objection. Needed before each request: literals are never looked up. */
  check(url: URL): void;
  /** For the `lookup` of net.connect under https: the addresses it gives are the very ones that were judged. */
  lookup: LookupFunction;
  /** The same for plain http, which may lead to listed addresses only. */
  lookupListed: LookupFunction;
}

/**
 * Makes the guard. `allowedBlocks` are addresses and CIDR blocks that an
 * operator opened; one that cannot be read is a RangeError. A name is
 * refused with BlockedAddress where any one of its addresses is not permitted, so that neither mixed answers nor a
 * second, different answer lead inside.
 */
export function createAddressGuard(
  allowedBlocks: readonly string[],
  resolve: Resolve = resolveName,
): AddressGuard {
  const blocks = allowedBlocks.map(parseBlock);

  function isListed(address: string): boolean {
    const parsed = parseAddress(address);
    return (
      parsed !== null && blocks.some(([net, bits]) => parsed.kind() === net.kind() && parsed.match(net, bits))
    );
  }

  function permits(address: string): boolean {
    return isPublicAddress(address) || isListed(address);
  }

  function objection(url: URL): string | null {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL';
    if (url.username !== '' || url.password !== '') return 'must not carry a user name or password';
    const plain = url.protocol === 'http:';
    const address = literalAddress(url.hostname);
    const allowed =
      address === null ? !plain || blocks.length > 0 : plain ? isListed(address) : permits(address);
    if (allowed) return null;
    return plain
      ? 'must be an https URL, unless KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES lists the addresses it leads to'
      : 'leads to an address that is not public: KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES can list it';
  }

  function check(url: URL): void {
    const reason = objection(url);
    if (reason !== null) throw new BlockedAddress(`${url.hostname}: ${reason}`);
  }

  return {
    isListed,
    permits,
    objection,
    check,
    lookup: guardedLookup(resolve, permits),
    lookupListed: guardedLookup(resolve, isListed),
  };
}

function guardedLookup(resolve: Resolve, permits: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname)
      .then((answers) => {
        const addresses = answers.map(({ address }) => ({ address, family: isIP(address) }));
        const refused = addresses.find(({ address }) => !permits(address));
        if (refused !== undefined) throw new BlockedAddress(`${hostname} leads to ${refused.address}`);
        const usable = addresses.filter(
          ({ family }) => !options.family || familyNumber(options.family) === family,
        );
        const [first] = usable;
        if (first === undefined)
          throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
        return { usable, first };
      })
      .then(
        ({ usable, first }) =>
          options.all ? callback(null, usable) : callback(null, first.address, first.family),
        (error: NodeJS.ErrnoException) => callback(error, []),
      );
  };
}

async function resolveName(hostname: string): Promise<readonly { address: string }[]> {
  return lookup(hostname, { all: true });
}

/** The address that a host name of a URL is. The URL parser (WHATWG) has already turned every notation of an address into the canonical one. */
export function literalAddress(hostname: string): string | null {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(host) === 0 ? null : host;
}

function parseBlock(block: string): [ParsedAddress, number] {
  const [address = '', suffix] = block.split('/');
  const parsed = parseAddress(address);
  const width = parsed?.kind() === 'ipv4' ? 32 : 128;
  const bits = suffix === undefined ? width : /^\d{1,3}$/.test(suffix) ? Number(suffix) : Number.NaN;
  if (parsed === null || !(bits <= width)) throw new RangeError(`not an address or CIDR block: ${block}`);
  return [parsed, bits];
}

function familyNumber(family: number | 'IPv4' | 'IPv6'): number {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : family;
}
