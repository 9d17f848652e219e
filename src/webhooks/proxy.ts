/** The egress proxy that an operator may name: a way out for connections to addresses that were judged before. */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIPv6, type LookupFunction, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import { literalAddress } from './address-guard.ts';

type Connector = ReturnType<typeof buildConnector>;

/** The proxy was not there, or did not open the way. */
export class ProxyFailure extends Error {
  readonly code = 'PROXY_FAILED';
  override readonly name = 'ProxyFailure';
}

/**
 * Connects through `proxy`, an http or https URL: it is asked for the very addresses that the guard has judged, one after the
 * other, never for a name, so that it cannot be led elsewhere by another answer. TLS goes through to the receiver, whose
 * certificate has to be for the name. A receiver that has listed addresses only is connected to directly, by `secure`, which has to
 * look names up by `guard.lookupListed`: the name may have another answer by then.
 */
export function connectorThrough(
  proxy: URL,
  guard: AddressGuard,
  secure: Connector,
  timeoutMs: number,
): Connector {
  return (target, callback) => {
    addressesOf(target.hostname, guard.lookup)
      .then(async (addresses) => {
        if (addresses.every(guard.isListed)) return null;
        return openFirst(
          proxy,
          addresses.filter((address) => !guard.isListed(address)),
          Number(target.port) || 443,
          timeoutMs,
        );
      })
      .then(
        (socket) => secure(socket === null ? target : { ...target, httpSocket: socket }, callback),
        (error: Error) => callback(error, null),
      );
  };
}

function addressesOf(hostname: string, lookup: LookupFunction): Promise<string[]> {
  const literal = literalAddress(hostname);
  if (literal !== null) return Promise.resolve([literal]);
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, found) => {
      if (error !== null) reject(error);
      else resolve(Array.isArray(found) ? found.map(({ address }) => address) : [found]);
    });
  });
}

async function openFirst(
  proxy: URL,
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
): Promise<Socket> {
  let failure = new ProxyFailure('there is no address to ask the proxy for');
  for (const address of addresses) {
    try {
      return await open(proxy, `${isIPv6(address) ? `[${address}]` : address}:${port}`, timeoutMs);
    } catch (error) {
      failure = error as ProxyFailure;
    }
  }
  throw failure;
}

/** Asks the proxy for a way to this address and port; rejects with a {@link ProxyFailure}. */
function open(proxy: URL, authority: string, timeoutMs: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const request = (proxy.protocol === 'https:' ? secureRequest : plainRequest)({
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    maxHeaderSize: 16 * 1024,
    ...(proxy.protocol === 'https:' ? { rejectUnauthorized: true } : {}),
  });
  const fail = (why: string) => reject(new ProxyFailure(`the egress proxy ${why}`));
  request.on('connect', ({ statusCode }, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (statusCode === 200 && head.length === 0) return resolve(socket as Socket);
    socket.destroy();
    fail(`answered ${statusCode}`);
  });
  request.on('response', (response) => {
    response.destroy();
    fail(`answered ${response.statusCode}`);
  });
  request.on('error', (error: NodeJS.ErrnoException) => fail(`is not reached: ${error.code ?? error.name}`));
  request.end();
  return promise;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
