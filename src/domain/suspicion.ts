/** What is suspicious in how a tenant's tokens are used, and what only looks like it. Pure. */
import type { RefusalReason } from './refusal.ts';

/** What a tenant wants to hear of. `new_address`: an app from an address that it never used; null is never. */
export interface Suspicion {
  readonly new_address: boolean;
  /** An app that asks so many times as often as in its usual hour. */
  readonly rate_factor: number | null;
  /** So many refusals of an app, or of what comes from one network, in a minute. */
  readonly refusals_per_minute: number | null;
}

export const USUAL_SUSPICION: Suspicion = { new_address: true, rate_factor: 10, refusals_per_minute: 30 };

/** `patch` merged into the thresholds (RFC 7396). */
export function mergeSuspicion(
  current: Suspicion,
  patch: { readonly [member in keyof Suspicion]?: Suspicion[member] | undefined } | undefined,
): Suspicion {
  const named = Object.entries(patch ?? {}).filter(([, value]) => value !== undefined);
  return { ...current, ...Object.fromEntries(named) };
}

const DAY_MS = 86_400_000;

/** Of a new app nothing is told for so long: what is usual for it is learnt first. Milliseconds. */
export const LEARNING_MS = DAY_MS;
/** An hour with fewer deliveries than this is as good as one without any: from one to ten is no news. */
export const FEW_AN_HOUR = 10;
/** The usual hour is the mean of about so many hours with deliveries, of which a busy app has as many in a week. */
export const USUAL_HOURS = 168;
/** An app that was served from so many networks lately is at home anywhere. */
export const MOST_NETWORKS = 100;
/** A network that an app was not served from for so long makes room for another. Milliseconds. */
export const NETWORK_FORGOTTEN_MS = 30 * DAY_MS;

/** How an app is used: `usual` deliveries in an hour, and those of the hour that runs. `since`: from when on that is known. */
export interface Activity {
  readonly since: number;
  readonly hour_count: number;
  readonly usual: number;
}

/** Whether the hour that runs is `factor` times the usual one, and the app no new one at `settled`. */
export function isUnusualRate(activity: Activity, factor: number | null, settled: number): boolean {
  if (factor === null || settled - activity.since < LEARNING_MS) return false;
  return activity.hour_count >= factor * Math.max(activity.usual, FEW_AN_HOUR);
}

export interface KnownNetwork {
  readonly network: string;
  readonly first_at: number;
  readonly last_at: number;
}

/** What becomes of networks that an app was used from: each is in at most one of these. */
export interface NetworkChanges {
  /** Never used before: to be remembered, and where `suspicious` to be told of. */
  readonly added: readonly string[];
  readonly suspicious: boolean;
  /** Known, and not noted for a day. */
  readonly seenAgain: readonly string[];
  /** To be forgotten, so that there is room. */
  readonly forgotten: readonly string[];
}

/**
 * What is new of the networks that an app was `used` from, where these were `known`. While it is new everything is learnt
 * without a word; where it was served from {@link MOST_NETWORKS} lately, no other is news, or remembered.
 */
export function judgeNetworks(
  known: readonly KnownNetwork[],
  used: Iterable<string>,
  settled: number,
): NetworkChanges {
  const lastSeen = new Map(known.map(({ network, last_at }) => [network, last_at]));
  const forgettable = known
    .filter(({ last_at }) => settled - last_at >= NETWORK_FORGOTTEN_MS)
    .sort((one, other) => one.last_at - other.last_at);
  const added: string[] = [];
  const seenAgain: string[] = [];
  const forgotten: string[] = [];
  for (const network of used) {
    const last = lastSeen.get(network);
    if (last !== undefined) {
      if (settled - last >= DAY_MS) seenAgain.push(network);
      continue;
    }
    if (known.length + added.length - forgotten.length >= MOST_NETWORKS) {
      const oldest = forgettable.shift();
      if (oldest === undefined) continue;
      forgotten.push(oldest.network);
    }
    added.push(network);
  }
  const since = Math.min(...known.map(({ first_at }) => first_at));
  const isNew = known.length === 0 || settled - since < LEARNING_MS;
  const stillUsed = new Set(seenAgain);
  return {
    added,
    suspicious: added.length > 0 && !isNew,
    seenAgain,
    forgotten: forgotten.filter((network) => !stillUsed.has(network)),
  };
}

/**
 * Refusals that say who asked, from where or for what. Those of limits have events of their own, and what the vault could not
 * do is nobody's fault.
 */
export const SUSPICIOUS_REFUSALS = [
  'token expired',
  'token disabled',
  'ip not allowed',
  'referrer not allowed',
  'origin not allowed',
  'user agent not allowed',
  'country not allowed',
  'https required',
  'invalid signature',
  'service not allowed',
  'unknown service',
] as const satisfies readonly RefusalReason[];
