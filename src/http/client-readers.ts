/** Who sends a request, and from where: by the connection, and by what a trusted proxy says of the one before it. */
import type { IncomingMessage } from 'node:http';
import type { ClientFacts } from '../domain/client-rules.ts';
import { type Address, type AddressRule, clientAddress, isTrustedPeer } from '../domain/network.ts';
import type { CountryReader } from './countries.ts';

/** Reads the client's address; that of a connection without a trusted proxy is read once. */
export function addressReader(trusted: readonly AddressRule[]): (request: IncomingMessage) => Address | null {
  const known = new WeakMap<object, Address | null>();
  return (request) => {
    if (trusted.length > 0) {
      const forwarded = request.headersDistinct['x-forwarded-for']?.join(',');
      return clientAddress(request.socket.remoteAddress, forwarded, trusted);
    }
    let address = known.get(request.socket);
    if (address === undefined) {
      address = clientAddress(request.socket.remoteAddress, undefined, []);
      known.set(request.socket, address);
    }
    return address;
  };
}

/** Reads what apps may ask of a client. Whether it came by https a trusted proxy says, where it does; else the connection. */
export function clientReader(
  trusted: readonly AddressRule[],
  addressOf: (request: IncomingMessage) => Address | null,
  countryOf: CountryReader,
): (request: IncomingMessage) => ClientFacts {
  return (request) => ({
    origin: single(request, 'origin'),
    referrer: single(request, 'referer'),
    userAgent: single(request, 'user-agent'),
    country: () => countryOf(addressOf(request)),
    https: forwardedScheme(request, trusted) ?? 'encrypted' in request.socket,
  });
}

/** Null where the field is missing, or there twice. */
function single(request: IncomingMessage, name: string): string | null {
  const values = request.headersDistinct[name];
  return values?.length === 1 ? (values[0] ?? null) : null;
}

/** Whether the proxy was asked by https: what it added itself is the last of several. Null where no trusted proxy says so. */
function forwardedScheme(request: IncomingMessage, trusted: readonly AddressRule[]): boolean | null {
  if (!isTrustedPeer(request.socket.remoteAddress, trusted)) return null;
  const last = request.headersDistinct['x-forwarded-proto']?.join(',').split(',').at(-1);
  return last === undefined ? null : last.trim().toLowerCase() === 'https';
}
