/** Who sends a request, and from where: by the connection, and by what a trusted proxy says of the one before it. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientFacts } from '../domain/client-rules.ts';
import { type Address, type AddressRule, clientAddress, isTrustedPeer } from '../domain/network.ts';
import type { CountryReader } from './countries.ts';
import { fieldValues, valuesOfFields } from './header-fields.ts';

const CLIENT_FIELDS = ['origin', 'referer', 'user-agent', 'x-forwarded-proto'] as const;

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
    clientOf(request, address) {
      const [origins, referrers, userAgents, schemes] = valuesOfFields(request, CLIENT_FIELDS);
      const forwarded = peerOf(request).trusted ? lastScheme(schemes) : null;
      return {
        origin: single(origins),
        referrer: single(referrers),
        userAgent: single(userAgents),
        country: () => countryOf(address),
        https: forwarded === null ? 'encrypted' in request.socket : forwarded === 'https',
      };
    },
  };
}

/** Null where the field is missing, or there twice. */
function single(values: readonly string[] | undefined): string | null {
  return values?.length === 1 ? (values[0] ?? null) : null;
}

/** By which scheme the proxy was asked: what it added itself is the last of several. Null where it does not say. */
function lastScheme(values: readonly string[] | undefined): string | null {
  return values?.at(-1)?.split(',').at(-1)?.trim().toLowerCase() ?? null;
}
