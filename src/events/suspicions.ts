/** `access.suspicious`: of each cause, and each app or network, at most once an hour. */
import type { ClockReading } from '../domain/clock.ts';
import { type AccessSuspicious, newEvent } from './catalogue.ts';
import type { OnceEvent } from './once.ts';

const HOUR_MS = 3_600_000;

interface App {
  readonly id: number;
  readonly tenant_id: number;
  readonly tenant: string;
}

/** `networks`: how many there are that it was never used from before, `network` among them. */
export function ofNewAddress(app: App, network: string, networks: number, time: ClockReading): OnceEvent {
  const others = networks === 1 ? '' : `, nor from ${networks - 1} more that it is used from now`;
  const detail = `The app was never used from ${network} before${others}.`;
  return suspicion(app, { app_id: app.id, cause: 'new address', network, detail }, time);
}

export function ofUnusualRate(
  app: App,
  { hour_count, usual }: { readonly hour_count: number; readonly usual: number },
  time: ClockReading,
): OnceEvent {
  const detail = `${hour_count} deliveries so far in this hour of UTC, where ${usual.toFixed(1)} are usual.`;
  return suspicion(app, { app_id: app.id, cause: 'unusual rate', network: null, detail }, time);
}

/**
 * Of an app, or of all that comes from a network: one of them is null. `count`: how many there were in a minute. `more`: how
 * many other apps and networks there are of which the tenant is not told at this time.
 */
export function ofRefusals(
  of: {
    readonly tenant_id: number;
    readonly tenant: string;
    readonly app_id: number | null;
    readonly network: string | null;
    readonly count: number;
  },
  more: number,
  time: ClockReading,
): OnceEvent {
  const { app_id, network, count } = of;
  const others = more === 0 ? '' : ` So it is with ${more} more apps or networks.`;
  const detail = `${count} refusals within a minute.${others}`;
  return suspicion(of, { app_id, cause: 'refusals', network, detail }, time);
}

function suspicion(
  { tenant, tenant_id }: { readonly tenant: string; readonly tenant_id: number },
  data: Omit<AccessSuspicious, 'tenant'>,
  { now, settled }: ClockReading,
): OnceEvent {
  const of = data.app_id === null ? `network/${data.network}` : `app/${data.app_id}`;
  return {
    event: newEvent('access.suspicious', tenant_id, now, { tenant, ...data }),
    name: `access.suspicious/${data.cause}/${of}`,
    at: settled,
    until: settled + HOUR_MS,
  };
}
