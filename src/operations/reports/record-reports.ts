/**
 * Records many reports at once: each delivery is reported on once, and what a report does to its key is committed with it or
 * not at all. Most change no configuration, and share one unit whoever they are of; those that do have one for each tenant,
 * which takes as many as deliveries can wait for.
 */
import type { ClockReading } from '../../domain/clock.ts';
import { REPORTABLE_MS, wellAgain } from '../../domain/key-health.ts';
import type { Engine } from '../../storage/engine.ts';
import type { Reader, Transaction } from '../../storage/rows.ts';
import { findKeys } from '../../storage/tables/due-keys.ts';
import { findHealth, saveHealth } from '../../storage/tables/key-health.ts';
import { insertReports } from '../../storage/tables/reports.ts';
import { showCooling } from '../keys/show-key.ts';
import type { Vault } from '../vault/vault.ts';
import {
  ALREADY_REPORTED,
  type Answers,
  type FoundReport,
  INVALID_SIGNATURE,
  type Report,
  UNKNOWN_DELIVERY,
} from './report.ts';
import { ReportNonces } from './report-nonces.ts';
import { reportOf, weighReports } from './weigh-reports.ts';

/** The ids of deliveries: nothing else is looked for. */
const DELIVERY_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/**
 * What each comes to, but for those that are to be handed in again, never all of them; an Error where those of its tenant
 * could not be recorded. Rejects with a StorageError where none of them could.
 */
export async function recordReports(vault: Vault, reports: readonly Report[]): Promise<Answers> {
  const { engine } = vault;
  const time = engine.time();
  const answers: Answers = new Map();
  const found = await findTheirs(engine, reports, time.now);
  for (const report of reports) if (!found.has(report)) answers.set(report, UNKNOWN_DELIVERY);
  if (found.size === 0) return answers;
  const all = [...found].map(([report, delivery]) => ({ report, delivery }));
  const [plain, weighty] = partition(all, ({ report }) => /^(ok|error)$/.test(report.outcome));

  const left = await engine.write('nothing', async (unit) => {
    const nonces = new ReportNonces(unit, time.settled);
    await recordPlain(unit, plain, nonces, time, answers);
    return weighReports(unit, 'nothing', weighty, nonces, time, answers);
  });
  await showKeys(engine.read, plain, time.now, answers);
  for (const [tenantId, theirs] of Map.groupBy(left, ({ delivery }) => delivery.tenant_id)) {
    try {
      await engine.write({ tenantId }, (unit) =>
        weighReports(unit, { tenantId }, theirs, new ReportNonces(unit, time.settled), time, answers),
      );
    } catch (error) {
      for (const { report } of theirs) answers.set(report, error as Error);
    }
  }
  return answers;
}

/**
 * The deliveries that the reports are about, where they are the caller's own, unmasked and recent. One that was made by a clock
 * which ran ahead by more than that is none: what is reported on it would be forgotten, and could be reported again.
 */
async function findTheirs(engine: Engine, reports: readonly Report[], now: number) {
  const ids = reports.map(({ delivery_id }) => delivery_id).filter((id) => DELIVERY_ID.test(id));
  const since = now - REPORTABLE_MS;
  const deliveries = await engine.findDeliveries([...new Set(ids)], since);
  return new Map(
    reports.flatMap((report) => {
      const delivery = deliveries.get(report.delivery_id);
      const { tenant_id, app_id } = report.caller;
      const theirs = delivery?.tenant_id === tenant_id && delivery.app_id === app_id && delivery.masked === 0;
      return theirs && delivery.at <= now + REPORTABLE_MS ? [[report, delivery] as const] : [];
    }),
  );
}

/** Reports that hold nothing against a key. What they are answered is left to {@link showKeys}, where they are taken. */
async function recordPlain(
  unit: Transaction,
  plain: readonly FoundReport[],
  nonces: ReportNonces,
  { now }: ClockReading,
  answers: Answers,
): Promise<void> {
  const once = new Map<string, FoundReport>();
  for (const found of plain) {
    const { report } = found;
    if (!(await nonces.take(report.caller.nonce))) answers.set(report, INVALID_SIGNATURE);
    else if (once.has(report.delivery_id)) answers.set(report, ALREADY_REPORTED);
    else once.set(report.delivery_id, found);
  }
  const rows = [...once.values()].map(reportOf);
  const added = await insertReports(unit, rows);
  const well = new Map<number, number>();
  for (const { report, delivery } of once.values()) {
    if (!added.has(report.delivery_id)) {
      answers.set(report, ALREADY_REPORTED);
      continue;
    }
    await nonces.spend(report.caller.nonce);
    if (report.outcome !== 'ok') continue;
    well.set(delivery.key_id, Math.max(delivery.at, well.get(delivery.key_id) ?? 0));
  }
  for (const [keyId, before] of await findHealth(unit, [...well.keys()])) {
    const after = wellAgain(before, well.get(keyId) ?? 0, now);
    if (after !== null) await saveHealth(unit, keyId, after);
  }
}

/** Answers those that were taken with their keys as they are. A key that is gone has nothing to be shown of. */
async function showKeys(
  db: Reader,
  plain: readonly FoundReport[],
  now: number,
  answers: Answers,
): Promise<void> {
  const taken = plain.filter(({ report }) => !answers.has(report));
  if (taken.length === 0) return;
  const ids = new Set(taken.map(({ delivery }) => delivery.key_id));
  const keys = new Map((await findKeys(db, [...ids])).map((key) => [key.id, key]));
  for (const { report, delivery } of taken) {
    const key = keys.get(delivery.key_id);
    if (key === undefined) answers.set(report, UNKNOWN_DELIVERY);
    else answers.set(report, { refusal: null, key_id: key.id, ...showCooling(key, now) });
  }
}

function partition<T>(all: readonly T[], first: (each: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((each) => !first(each))];
}
