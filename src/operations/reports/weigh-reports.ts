/** Reports that may hold a key back, one after the other, upon what the database says of their keys. */
import type { ClockReading } from '../../domain/clock.ts';
import {
  coolDown,
  coolLastDown,
  isRefused,
  isRefusedAgainAndAgain,
  refusedOnceMore,
  WELL,
} from '../../domain/key-health.ts';
import { inService } from '../../domain/policy-key.ts';
import { keyConfig } from '../../storage/configuration.ts';
import type { WriteScope } from '../../storage/engine.ts';
import type { ReportsTable, Transaction } from '../../storage/rows.ts';
import { findKeys } from '../../storage/tables/due-keys.ts';
import { findHealth, saveHealth } from '../../storage/tables/key-health.ts';
import { hasUsableBeside } from '../../storage/tables/provider-keys.ts';
import { findReported, insertReports } from '../../storage/tables/reports.ts';
import { showCooling } from '../keys/show-key.ts';
import { coolKeys } from './cool-keys.ts';
import { judgeRefusedKey } from './judge-refused-key.ts';
import {
  ALREADY_REPORTED,
  type Answers,
  type FoundReport,
  INVALID_SIGNATURE,
  UNKNOWN_DELIVERY,
  type WeighedKey,
} from './report.ts';
import type { ReportNonces } from './report-nonces.ts';
import { hasSoleCaller } from './sole-caller.ts';

/** So many keys a unit changes about, for deliveries wait for it; what is reported of more has another unit. */
const MOST_CHANGES = 100;

/**
 * Weighs, records and answers them; returns those that would change the key's configuration where the unit may change
 * nobody's, or has changed enough: of these nothing is recorded. The first is never left by a unit that may change its key.
 */
export async function weighReports(
  unit: Transaction,
  scope: WriteScope,
  reports: readonly FoundReport[],
  nonces: ReportNonces,
  time: ClockReading,
  answers: Answers,
): Promise<FoundReport[]> {
  const left: FoundReport[] = [];
  if (reports.length === 0) return left;
  const ids = [...new Set(reports.map(({ delivery }) => delivery.key_id))];
  const health = await findHealth(unit, ids);
  const keys = new Map(
    (await findKeys(unit, ids)).map((row) => [row.id, { row, health: health.get(row.id) ?? WELL }]),
  );
  const reported = new Set(
    await findReported(
      unit,
      reports.map(({ report }) => report.delivery_id),
    ),
  );
  const rows: ReportsTable[] = [];
  const budget: Budget = { left: scope === 'nothing' ? 0 : MOST_CHANGES };
  for (const found of inOrder(reports)) {
    const { report, delivery } = found;
    const key = keys.get(delivery.key_id);
    if (key === undefined) {
      answers.set(report, UNKNOWN_DELIVERY);
    } else if (reported.has(report.delivery_id)) {
      answers.set(report, ALREADY_REPORTED);
    } else if (!(await nonces.take(report.caller.nonce))) {
      answers.set(report, INVALID_SIGNATURE);
    } else if (!(await weigh(unit, budget, found, key, keys, time))) {
      left.push(found);
    } else {
      reported.add(report.delivery_id);
      await nonces.spend(report.caller.nonce);
      rows.push(reportOf(found));
      answers.set(report, { refusal: null, key_id: key.row.id, ...showCooling(key.row, time.now) });
    }
  }
  await insertReports(unit, rows);
  return left;
}

/** How many keys the unit may still change. */
interface Budget {
  left: number;
}

/** Of those that limit a key, the ones that ask for the longest first: so that the others do not lengthen it one by one. */
function inOrder(reports: readonly FoundReport[]): FoundReport[] {
  const place = ({ report }: FoundReport) =>
    report.outcome === 'rate_limited' ? (report.retry_after_seconds ?? -1) : Number.MAX_VALUE;
  return reports.toSorted((one, other) => place(other) - place(one));
}

/** False where it would change the key's configuration and the unit may not; then it has changed nothing. */
async function weigh(
  unit: Transaction,
  budget: Budget,
  { report, delivery }: FoundReport,
  key: WeighedKey,
  keys: ReadonlyMap<number, WeighedKey>,
  time: ClockReading,
): Promise<boolean> {
  const { now } = time;
  if (!inService(keyConfig(key.row), now)) return true;
  if (report.outcome === 'rate_limited') {
    const asked = { deliveredAt: delivery.at, retryAfterSeconds: report.retry_after_seconds };
    if (coolDown(key.health, asked, now) === null) return true;
    if (budget.left <= 0) return false;
    budget.left--;
    const after = (await isLast(unit, key, now))
      ? coolLastDown(key.health, asked, now)
      : coolDown(key.health, asked, now);
    if (after !== null) budget.left -= await coolKeys(unit, key, after, keys, report, time);
    return true;
  }
  if (report.outcome !== 'unauthorized') return true;
  const refusal = { app: delivery.app_id ?? 0, network: report.network, at: delivery.at };
  const after = refusedOnceMore(key.health, refusal, now);
  if (after === null) return true;
  if (isRefused(after, true) || isRefusedAgainAndAgain(after)) {
    if (budget.left <= 0) return false;
    budget.left--;
    await judgeRefusedKey(unit, key, after, report, time);
  }
  key.health = after;
  await saveHealth(unit, key.row.id, after);
  return true;
}

/** Whether without it, and those of its bucket, the callers of its service would have no key, where there are several. */
async function isLast(unit: Transaction, { row }: WeighedKey, now: number): Promise<boolean> {
  if (await hasUsableBeside(unit, row, now)) return false;
  return !(await hasSoleCaller(unit, { id: row.service_id, tenant_id: row.tenant_id }, now));
}

export function reportOf({ report, delivery }: FoundReport): ReportsTable {
  const { delivery_id, outcome } = report;
  return { delivery_id, outcome, at: delivery.at };
}
