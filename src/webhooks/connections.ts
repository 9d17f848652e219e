import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import { connectorThrough } from './proxy.ts';

/** With several addresses to a name, how long one may take before the next is tried, in ms. */
const NEXT_ADDRESS_AFTER_MS = 1_000;

const IDLE_MS = 4_000;

export interface ConnectionOptions {
  readonly timeoutMs: number;
  /** Null: as many as there are requests. */
  readonly connectionsPerOrigin: number | null;
  /** An http or https URL; null: no proxy. */
  readonly proxy: string | null;
}

/**
 * Connections for outgoing requests. Each new one is made to addresses that the guard
 * has judged for it: any that it permits under https, listed ones only under plain http and past a proxy. A certificate that does
 * not verify is never accepted, whatever the environment says; of proxies only that of the options is used. Literal
 * hosts are not looked up by Node, so whoever sends has `guard.check` look at the URL first.
 */
export function createAgent(
  guard: AddressGuard,
  { timeoutMs, connectionsPerOrigin, proxy }: ConnectionOptions,
): Agent {
  const common = { timeout: timeoutMs, allowH2: false, autoSelectFamily: true };
  const options = { ...common, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS };
  const secureBy = (lookup: LookupFunction) =>
    buildConnector({ ...options, lookup, rejectUnauthorized: true });
  const secure =
    proxy === null
      ? secureBy(guard.lookup)
      : connectorThrough(new URL(proxy), guard, secureBy(guard.lookupListed), timeoutMs);
  const plain = buildConnector({ ...options, lookup: guard.lookupListed });
  return new Agent({
    connect: (target, callback) => (target.protocol === 'https:' ? secure : plain)(target, callback),
    connections: connectionsPerOrigin,
    allowH2: false,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    maxHeaderSize: 16 * 1024,
  });
}
