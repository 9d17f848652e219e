/** What other replicas have delivered: the counters and balances of services and apps, under their tenant's lock. */
import type pg from 'pg';
import type { AppSubject, ServiceSubject } from '../configuration.ts';
import { readWindows } from '../rate-limits.ts';
import type { AppWindowsTable } from '../rows.ts';
import { array, execute, textArray } from './statements.ts';

type Subject = ServiceSubject | AppSubject;

/** A row of `read_counters`: a day is null where nothing was counted yet, a key where none has had a turn since. */
interface CounterRow {
  readonly subject: 'service' | 'app';
  readonly id: number;
  readonly starts_at: number | null;
  readonly ends_at: number;
  readonly count: number;
  readonly key_id: number | null;
  readonly weight: number;
  readonly finish: number;
  readonly turn: number;
  readonly key_count: number;
}

/** The statements that read what has become of these: one, and another where apps among them count minutes and hours. */
export function readCountersOf(subjects: readonly Subject[]): string[] {
  const apps = subjects.filter((subject) => 'windows' in subject && subject.windows !== null);
  const counters = execute('read_counters', counterParameters(subjects));
  if (apps.length === 0) return [counters];
  return [counters, execute('read_windows', [array(apps.map(({ config }) => config.id))])];
}

/** The parameters of `read_counters`. */
function counterParameters(subjects: readonly Subject[]): string[] {
  return [
    textArray(subjects.map(kindOf)),
    array(subjects.map(({ config }) => config.id)),
    array(subjects.map((subject) => ('keys' in subject ? subject.turn : null))),
    array(subjects.map(({ day }) => day?.starts_at ?? null)),
  ];
}

/** Brings the subjects up to date with what was read for them, the results of {@link readCountersOf}. */
export function takeCounters(
  [counters, windows]: readonly pg.QueryResult[],
  subjects: readonly Subject[],
): void {
  const byName = new Map(subjects.map((subject) => [`${kindOf(subject)}/${subject.config.id}`, subject]));
  for (const row of (counters?.rows ?? []) as CounterRow[]) {
    const subject = byName.get(`${row.subject}/${row.id}`);
    if (subject === undefined) continue;
    takeDay(row, subject);
    if ('keys' in subject && row.key_id !== null) takeKey(row, row.key_id, subject);
  }
  for (const row of (windows?.rows ?? []) as AppWindowsTable[]) {
    const app = byName.get(`app/${row.app_id}`);
    if (app !== undefined && 'windows' in app) app.windows = readWindows(row);
  }
}

function takeDay({ starts_at, ends_at, count }: CounterRow, subject: Subject): void {
  if (starts_at === null) return;
  if ('keys' in subject && subject.day?.starts_at !== starts_at) {
    for (const used of subject.keys.values()) used.count = 0;
    subject.order = null;
  }
  subject.day = { starts_at, ends_at, count };
}

function takeKey({ key_count, finish, turn, weight }: CounterRow, id: number, service: ServiceSubject): void {
  const usage = { count: key_count, finish, turn };
  service.keys.set(id, usage);
  const key = service.config.keys.get(id);
  if (key !== undefined) service.order?.delivered(key, usage);
  if (turn <= service.turn) return;
  service.turn = turn;
  service.virtual = finish - 1 / weight;
}

function kindOf(subject: Subject): CounterRow['subject'] {
  return 'keys' in subject ? 'service' : 'app';
}
