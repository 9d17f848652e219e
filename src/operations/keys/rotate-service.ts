import type { Origin } from '../../audit/entry.ts';
import type { RotateService, RotationView } from '../../contract/services.ts';
import { howCurrentEnded, nextInTurn, succession } from '../../domain/policy.ts';
import { inService, type KeyState, type PolicyKey, serves, usable } from '../../domain/policy-key.ts';
import { conflict, mistake } from '../../domain/problem.ts';
import { keyConfig } from '../../storage/configuration.ts';
import type { Reader, ServiceRow } from '../../storage/rows.ts';
import { findKey } from '../../storage/tables/provider-keys.ts';
import { requireService, requireServiceOf, type ServicePath } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';
import { applyChanges, hasCurrentKey, loadTurn, type Turn } from './current-key.ts';
import { tellLastKey } from './tell-last-key.ts';

/**
 * Makes another key current, from the next delivery on: the one asked for, or the next by position, round and round. The
 * one before stands by, or with `retire_old` is retiring for the grace and then retired, at once without one; where it had
 * expired already, that is what it stays. Each of the two has an audit entry. Throws a conflict where no key can follow.
 */
export async function rotateService(
  vault: Vault,
  origin: Origin,
  path: ServicePath,
  input: RotateService,
): Promise<RotationView> {
  const { tenant_id } = await requireService(vault.engine.read, path);
  return vault.engine.write({ tenantId: tenant_id }, async (unit) => {
    const time = vault.engine.time();
    const service = await requireServiceOf(unit, tenant_id, path.service);
    if (!hasCurrentKey(service.policy)) {
      throw conflict(
        `A service with the policy "${service.policy}" has no current key: there is nothing to rotate.`,
      );
    }
    const turn = await loadTurn(unit, service, time.now);
    const next = await chooseNext(unit, service, turn, input.to_key_id, time.now);
    const { current } = turn;
    const ended = current === null ? null : howCurrentEnded(turn.service, current, time);
    const outOfService = { state: ended?.why === 'expired' ? ended.state : 'standby' } as const;
    const old = input.retire_old ? retirement(input.grace_seconds, time.now) : outOfService;
    const changes = succession(current, { ...old, why: 'rotated by hand' }, next, time.settled);
    const keys = current === null ? [next] : [current, next];
    await applyChanges(unit, service, keys, changes, time.now, origin, input.reason);
    if (current !== null && !serves(old)) await tellLastKey(unit, service, current, time);
    return { from_key_id: current?.id ?? null, to_key_id: next.id };
  });
}

function retirement(graceSeconds: number, now: number): { state: KeyState; retires_at: number } {
  return { state: graceSeconds > 0 ? 'retiring' : 'retired', retires_at: now + graceSeconds * 1000 };
}

async function chooseNext(
  db: Reader,
  service: ServiceRow,
  turn: Turn,
  wanted: number | undefined,
  now: number,
): Promise<PolicyKey> {
  if (wanted === undefined) {
    const next = nextInTurn(turn.service, turn.current?.id ?? null, now);
    if (next === null) throw conflict('There is no other key that could serve: add or enable one first.');
    return next;
  }
  const row = await findKey(db, service.id, wanted);
  if (row === undefined) throw mistake('/to_key_id', 'is no key of this service');
  if (row.id === turn.current?.id) throw conflict(`Key ${wanted} is the current one already.`);
  const key = keyConfig(row);
  if (!usable(key, now)) throw conflict(`Key ${wanted} cannot serve: ${whyUnusable(key, now)}.`);
  return key;
}

function whyUnusable(key: PolicyKey, now: number): string {
  if (key.broken) return 'it could not be decrypted';
  if (!serves(key)) return `it is ${key.state}`;
  return inService(key, now) ? 'it is cooling' : 'its expires_at has passed';
}
