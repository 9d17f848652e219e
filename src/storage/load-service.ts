/** Reads a service with its keys for deliveries. One may have very many keys: what is in memory already is not read again. */
import { type KeyUsage, serves } from '../domain/policy-key.ts';
import { ServiceKeys } from '../domain/service-keys.ts';
import {
  type Day,
  type KeyConfig,
  keyConfig,
  loadLastDay,
  type ServiceSubject,
  turnRule,
} from './configuration.ts';
import type { ProviderKeyRow, Reader, ServiceRow } from './rows.ts';

/** The event loop has its turn between pages. */
const PAGE = 500;
const IDS_PAGE = 5_000;
const BEFORE_ALL = -1;

/** What was read of some keys: `config` of those to be held in memory, `gone` are the ids of the others. */
interface LoadedKeys {
  readonly config: KeyConfig[];
  readonly gone: Set<number>;
  readonly usage: Map<number, KeyUsage>;
}

/**
 * Null where the tenant has no such service. `known`: the service as it was loaded before and has served since. Of its
 * keys only those are read that have changed, with what they have served; the others are taken over. Where some were
 * removed, the ids of those that are left are read.
 */
export async function loadService(
  db: Reader,
  tenantId: number,
  slug: string,
  known: ServiceSubject | null,
): Promise<ServiceSubject | null> {
  const row = await db
    .selectFrom('services')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('slug', '=', slug)
    .executeTakeFirst();
  if (row === undefined) return null;
  const day = await loadLastDay(db, 'service', row.id);
  if (known !== null && known.config.id === row.id) {
    // A day that has begun since is taken over with what was counted in it.
    const sameDay = known.day?.starts_at === day?.starts_at;
    const refreshed = await refresh(db, row, sameDay ? day : known.day, known);
    if (refreshed !== null) return refreshed;
  }
  const { config, usage } = await loadKeys(db, row, BEFORE_ALL, day);
  const { virtual, turn } = await loadLastTurn(db, row.id);
  return {
    config: serviceConfig(row, ServiceKeys.of(config)),
    day,
    keys: usage,
    virtual,
    turn,
    order: null,
  };
}

/** Null where the current key is none of those that are known. */
async function refresh(
  db: Reader,
  row: ServiceRow,
  day: Day | null,
  known: ServiceSubject,
): Promise<ServiceSubject | null> {
  const { config, gone, usage } = await loadKeys(db, row, known.config.keys_version, day);
  let { virtual, turn } = known;
  if (row.keys_removed !== known.config.keys_removed) {
    const left = await loadIds(db, row.id);
    for (const { id } of known.config.keys) if (!left.has(id)) gone.add(id);
    // The last delivery may have been of a key that was removed.
    const last = await loadLastTurn(db, row.id);
    if (last.turn < turn) ({ virtual, turn } = last);
  }
  for (const key of known.config.keys) {
    if (!serves(key) && key.id !== row.current_key_id) gone.add(key.id);
  }
  const changed = config.length > 0 || gone.size > 0;
  const keys = changed ? known.config.keys.with(config, gone) : known.config.keys;
  if (row.current_key_id !== null && keys.get(row.current_key_id) === undefined) return null;
  for (const [id, used] of usage) known.keys.set(id, used);
  const order = changed || row.policy !== known.config.policy ? null : known.order;
  return { ...known, config: serviceConfig(row, keys), day, virtual, turn, order };
}

function serviceConfig(row: ServiceRow, keys: ServiceKeys<KeyConfig>): ServiceSubject['config'] {
  return {
    id: row.id,
    tenant_id: row.tenant_id,
    slug: row.slug,
    name: row.name,
    enabled: row.enabled === 1,
    ...turnRule(row),
    on_expiry: row.on_expiry,
    timezone: row.timezone,
    day_resets_at: row.day_resets_at,
    max_daily_requests: row.max_daily_requests,
    warn_at_percent: row.warn_at_percent,
    max_age_seconds: row.max_age_seconds,
    current_key_id: row.current_key_id,
    keys_version: row.keys_version,
    keys_removed: row.keys_removed,
    keys,
  };
}

/** The keys that were added or changed after a version, with what they have served in `day`. */
async function loadKeys(
  db: Reader,
  service: ServiceRow,
  after: number,
  day: Day | null,
): Promise<LoadedKeys> {
  const loaded: LoadedKeys = { config: [], gone: new Set(), usage: new Map() };
  let last = { version: after, id: Number.MAX_SAFE_INTEGER };
  for (;;) {
    const rows = await loadPage(db, service.id, last, day?.starts_at ?? 0);
    for (const { finish, turn, count, ...row } of rows) {
      last = row;
      if (turn !== null) loaded.usage.set(row.id, { count: count ?? 0, finish: finish ?? 0, turn });
      const key = keyConfig(row);
      if (after !== BEFORE_ALL) loaded.gone.add(key.id);
      if (serves(key) || key.id === service.current_key_id) loaded.config.push(key);
    }
    if (rows.length < PAGE) return loaded;
  }
}

function loadPage(
  db: Reader,
  serviceId: number,
  last: Pick<ProviderKeyRow, 'version' | 'id'>,
  dayStartsAt: number,
) {
  return db
    .selectFrom('provider_keys')
    .leftJoin('key_balances', 'key_balances.key_id', 'provider_keys.id')
    .leftJoin('counters', (join) =>
      join
        .onRef('counters.subject_id', '=', 'provider_keys.id')
        .on('counters.subject', '=', 'key')
        .on('counters.starts_at', '=', dayStartsAt),
    )
    .select([
      'provider_keys.id',
      'label',
      'sealed_key',
      'state',
      'weight',
      'position',
      'max_daily_requests',
      'expires_at',
      'activated_at',
      'cooling_until',
      'decrypt_failed_at',
      'version',
      'finish',
      'turn',
      'count',
    ])
    .where('service_id', '=', serviceId)
    .where((where) =>
      where(where.refTuple('version', 'provider_keys.id'), '>', where.tuple(last.version, last.id)),
    )
    .orderBy('version')
    .orderBy('provider_keys.id')
    .limit(PAGE)
    .execute();
}

async function loadIds(db: Reader, serviceId: number): Promise<Set<number>> {
  const ids = new Set<number>();
  let last = { version: BEFORE_ALL, id: 0 };
  for (;;) {
    const rows = await db
      .selectFrom('provider_keys')
      .select(['version', 'id'])
      .where('service_id', '=', serviceId)
      .where((where) => where(where.refTuple('version', 'id'), '>', where.tuple(last.version, last.id)))
      .orderBy('version')
      .orderBy('id')
      .limit(IDS_PAGE)
      .execute();
    for (const row of rows) {
      ids.add(row.id);
      last = row;
    }
    if (rows.length < IDS_PAGE) return ids;
  }
}

/** The balance that the service's last delivery began with, whichever key it was of. */
async function loadLastTurn(db: Reader, serviceId: number): Promise<{ virtual: number; turn: number }> {
  const last = await db
    .selectFrom('provider_keys')
    .innerJoin('key_balances', 'key_balances.key_id', 'provider_keys.id')
    .select(['weight', 'finish', 'turn'])
    .where('service_id', '=', serviceId)
    .orderBy('turn', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined
    ? { virtual: 0, turn: 0 }
    : { virtual: last.finish - 1 / last.weight, turn: last.turn };
}
