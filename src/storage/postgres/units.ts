/**
 * Units of administration: one by one over all replicas, each in a transaction that begins with the lock that says so, and
 * then locks the tenant whose configuration it may change, so that no delivery of the tenant is decided beside it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { WriteScope } from '../engine.ts';
import type { Reader, Transaction } from '../rows.ts';
import { mayTryAgain, storageError, TRY_AGAIN_AFTER_MS, TRY_AGAIN_FOR_MS } from './errors.ts';
import { Lease } from './lease.ts';

export interface UnitOutcome<T> {
  readonly result: T;
  /** The version that the tenant's configuration has come to; null where the unit had none in its scope, or it is gone. */
  readonly configVersion: number | null;
}

/**
 * Runs `work` in a unit; `term` is that of a leader, or null. A connection that fails before the work has begun is made
 * good for a while; later the unit fails as a whole, or where the connection is lost while it commits, nobody knows.
 */
export async function runUnit<T>(
  db: Reader,
  scope: WriteScope,
  term: number | null,
  work: (unit: Transaction) => Promise<T>,
): Promise<UnitOutcome<T>> {
  const started = performance.now();
  for (;;) {
    let begun = false;
    try {
      return await db.transaction().execute(async (unit) => {
        await sql`SELECT id FROM unit_lock FOR UPDATE`.execute(unit);
        if (term !== null) await Lease.check(unit, term);
        const tenantId = scope === 'nothing' ? null : scope.tenantId;
        if (tenantId !== null) await lockTenant(unit, tenantId);
        begun = true;
        const result = await work(unit);
        return { result, configVersion: tenantId === null ? null : await moveConfigVersion(unit, tenantId) };
      });
    } catch (thrown) {
      if (begun) throw thrown;
      const error = storageError(thrown);
      if (!mayTryAgain(error) || performance.now() - started >= TRY_AGAIN_FOR_MS) throw error;
      await pause(TRY_AGAIN_AFTER_MS);
    }
  }
}

async function lockTenant(unit: Transaction, tenantId: number): Promise<void> {
  await unit.selectFrom('tenants').select('id').where('id', '=', tenantId).forNoKeyUpdate().execute();
}

async function moveConfigVersion(unit: Transaction, tenantId: number): Promise<number | null> {
  const { rows } = await sql<{ config_version: number }>`
    UPDATE tenants SET config_version = config_version + 1 WHERE id = ${tenantId} RETURNING config_version`.execute(
    unit,
  );
  return rows[0]?.config_version ?? null;
}
