/** Reads what other replicas have delivered: the counters and balances of services and apps, under their tenant's lock. */
import type pg from 'pg';
import type { AppSubject, Day, ServiceSubject } from '../configuration.ts';

const LAST_DAYS = {
  name: 'last-days',
  text: `
SELECT wanted.subject, wanted.id, day.starts_at, day.ends_at, day.count
FROM unnest($1::text[], $2::bigint[]) AS wanted (subject, id)
CROSS JOIN LATERAL (
  SELECT starts_at, ends_at, count FROM counters
  WHERE counters.subject = wanted.subject AND counters.subject_id = wanted.id
  ORDER BY starts_at DESC LIMIT 1
) AS day`,
};

/** Of each service the keys whose turn came after the one that is remembered, or all where a new day has begun since. */
const KEY_USAGE = {
  name: 'key-usage',
  text: `
SELECT wanted.id AS service_id, provider_keys.id, provider_keys.weight, finish, turn, coalesce(used.count, 0) AS count
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (id, turn_before, day_before)
JOIN provider_keys ON provider_keys.service_id = wanted.id
JOIN key_balances ON key_balances.key_id = provider_keys.id
LEFT JOIN LATERAL (
  SELECT starts_at FROM counters WHERE subject = 'service' AND subject_id = wanted.id ORDER BY starts_at DESC LIMIT 1
) AS day ON true
LEFT JOIN counters AS used
  ON used.subject = 'key' AND used.subject_id = provider_keys.id AND used.starts_at = day.starts_at
WHERE turn > turn_before OR day.starts_at IS DISTINCT FROM day_before`,
};

interface DayRow extends Day {
  readonly subject: 'service' | 'app';
  readonly id: number;
}

interface UsageRow {
  readonly service_id: number;
  readonly id: number;
  readonly weight: number;
  readonly finish: number;
  readonly turn: number;
  readonly count: number;
}

/** Brings them up to date in one round trip. */
export async function readCounters(
  client: pg.Client,
  subjects: readonly (ServiceSubject | AppSubject)[],
): Promise<void> {
  const services = new Map<number, ServiceSubject>();
  const apps = new Map<number, AppSubject>();
  for (const subject of subjects) {
    if ('keys' in subject) services.set(subject.config.id, subject);
    else apps.set(subject.config.id, subject);
  }
  const names = [...[...services].map(() => 'service'), ...[...apps].map(() => 'app')];
  const known = [...services.values()];
  const [days, usage] = await Promise.all([
    client.query<DayRow>({ ...LAST_DAYS, values: [names, [...services.keys(), ...apps.keys()]] }),
    client.query<UsageRow>({
      ...KEY_USAGE,
      values: [
        [...services.keys()],
        known.map(({ turn }) => turn),
        known.map(({ day }) => day?.starts_at ?? null),
      ],
    }),
  ]);
  for (const { subject, id, ...day } of days.rows) {
    const known = subject === 'service' ? services.get(id) : apps.get(id);
    if (known === undefined) continue;
    if (subject === 'service' && known.day?.starts_at !== day.starts_at) {
      for (const used of (known as ServiceSubject).keys.values()) used.count = 0;
    }
    known.day = day;
  }
  for (const { service_id, id, weight, finish, turn, count } of usage.rows) {
    const service = services.get(service_id);
    if (service === undefined) continue;
    service.keys.set(id, { count, finish, turn });
    if (turn <= service.turn) continue;
    service.turn = turn;
    service.virtual = finish - 1 / weight;
  }
}
