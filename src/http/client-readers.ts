/** Who sends a request, and from where: by the connection, and by what a trusted proxy says of the one before it. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientFacts } from '../domain/client-rules.ts';
import { type Address, type AddressRule, clientAddress, isTrustedPeer } from '../domain/network.ts';
import type { CountryReader } from './countries.ts';
import { fieldValues, singleField } from './header-fields.ts';

export interface ClientReaders {
  /** Null where it cannot be read. */
  addressOf(request: IncomingMessage): Address | null;
  /** What apps may ask of the client at `address`. */
  clientOf(request: IncomingMessage, address: Address | null): ClientFacts;
}

/** The other end of a connection: read once. */
interface Peer {
  readonly address: Address | null;
  readonly trusted: boolean;
}

export function clientReaders(trusted: readonly AddressRule[], countryOf: CountryReader): ClientReaders {
  const known = new WeakMap<Socket, Peer>();
  const peerOf = ({ socket }: IncomingMessage): Peer => {
    let peer = known.get(socket);
    if (peer === undefined) {
      const { remoteAddress } = socket;
      const address = clientAddress(remoteAddress, undefined, []);
      peer = { address, trusted: isTrustedPeer(remoteAddress, trusted) };
      known.set(socket, peer);
    }
    return peer;
  };
  return {
    addressOf(request) {
      const peer = peerOf(request);
      const forwarded = peer.trusted ? fieldValues(request, 'x-forwarded-for') : [];
      if (forwarded.length === 0) return peer.address;
      return clientAddress(request.socket.remoteAddress, forwarded.join(','), trusted);
    },
    clientOf: (request, address) => ({
      origin: singleField(request, 'origin'),
      referrer: singleField(request, 'referer'),
      userAgent: singleField(request, 'user-agent'),
      country: () => countryOf(address),
      https: (peerOf(request).trusted ? forwardedScheme(request) : null) ?? 'encrypted' in request.socket,
    }),
  };
}

/** Whether the proxy was asked by https: what it added itself is the last of several. Null where it does not say. */
function forwardedScheme(request: IncomingMessage): boolean | null {
  const values = fieldValues(request, 'x-forwarded-proto');
  return values.length === 0 ? null : values.join(',').split(',').at(-1)?.trim().toLowerCase() === 'https';
}
