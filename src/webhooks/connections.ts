import { Agent, buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';

/** With several addresses to a name, how long one may take before the next is tried, in ms. */
const NEXT_ADDRESS_AFTER_MS = 1_000;

const IDLE_MS = 4_000;

/**
 * Connections for outgoing requests, `connectionsPerOrigin` to each. Each new one is made to addresses that the guard
 * has judged for it: any that it permits under https, listed ones only under plain http. A certificate that does
 * not verify is never accepted, whatever the environment says; proxies from the environment are not used. Literal
 * hosts are not looked up by Node, so whoever sends has `guard.check` look at the URL first.
 */
export function createAgent(guard: AddressGuard, timeoutMs: number, connectionsPerOrigin: number): Agent {
  const common = { timeout: timeoutMs, allowH2: false, autoSelectFamily: true };
  const options = { ...common, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS };
  const secure = buildConnector({ ...options, lookup: guard.lookup, rejectUnauthorized: true });
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
