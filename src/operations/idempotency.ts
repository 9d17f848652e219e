/** A request with an Idempotency-Key is carried out once, and answered the same for a day. */
import { conflict, mistake } from '../domain/problem.ts';
import { loadDataKeys } from '../storage/configuration.ts';
import type { IdempotentRepliesTable, Reader, Transaction } from '../storage/rows.ts';
import * as table from '../storage/tables/idempotent-replies.ts';
import { takeIds } from '../storage/tables/sequences.ts';
import { sameDigest } from '../vault/digests.ts';
import { SealBroken } from '../vault/envelope.ts';
import { DataKeyUnavailable } from '../vault/keyring.ts';
import { inOneUnit } from './one-unit.ts';
import { requireTenant } from './tenants/tenants.ts';
import type { Vault } from './vault/vault.ts';

/** For how long a reply is kept. */
export const REPLIES_MS = 86_400_000;

/** A longer one, as of an import of very many keys, is not kept: what it did does nothing when it is done again. */
const MAX_REPLY_BYTES = 4 * 1024 * 1024;

export interface IdempotentRequest {
  /** The id of the admin token that it comes with. */
  readonly caller: number;
  /** The slug in its path; null where there is none. */
  readonly tenant: string | null;
  readonly path: string;
  readonly key: string;
  /** The body, of which only a keyed digest is kept. */
  readonly body: string;
  /**
   * `one`: what it does and its reply are on disk together or not at all. `many`: it does its work in many units, each of
   * which does nothing when it is done again, and the reply is kept when it is through.
   */
  readonly units: 'one' | 'many';
}

export class Idempotency {
  readonly #running = new Set<string>();

  /**
   * Carries out `run`, or answers what it resolved with before; what it rejects with is not kept, and nothing was done then.
   * Throws a Problem where the key came with another body, or while the first request runs.
   */
  async once<V extends Vault, R extends object>(
    vault: V,
    request: IdempotentRequest,
    run: (vault: V) => Promise<R>,
  ): Promise<{ readonly reply: R; readonly replayed: boolean }> {
    const name = vault.digests.ofRequest(`${request.caller}\0${request.path}`, request.key);
    const fingerprint = vault.digests.ofRequest('body', request.body);
    const running = name.toString('base64');
    if (this.#running.has(running)) {
      throw conflict('The first request with this Idempotency-Key is still running: ask again in a moment.');
    }
    this.#running.add(running);
    try {
      const kept = await recall<R>(vault, vault.engine.read, name, fingerprint);
      if (kept !== null) return { reply: kept, replayed: true };
      const tenantId =
        request.tenant === null ? null : (await requireTenant(vault.engine.read, request.tenant)).id;
      const scope = tenantId === null ? 'nothing' : { tenantId };
      if (request.units === 'many') {
        const reply = await run(vault);
        await vault.engine.write('nothing', (unit) =>
          keep(vault, unit, { name, fingerprint, tenantId }, reply),
        );
        return { reply, replayed: false };
      }
      return await inOneUnit(vault, scope, async (inside, unit) => {
        // Another replica may have been quicker.
        const others = await recall<R>(vault, unit, name, fingerprint);
        if (others !== null) return { reply: others, replayed: true };
        const reply = await run(inside);
        await keep(vault, unit, { name, fingerprint, tenantId }, reply);
        return { reply, replayed: false };
      });
    } finally {
      this.#running.delete(running);
    }
  }
}

async function recall<R extends object>(
  vault: Vault,
  db: Reader,
  name: Uint8Array,
  fingerprint: Uint8Array,
): Promise<R | null> {
  const row = await table.findReply(db, name, vault.engine.time().now - REPLIES_MS);
  if (row === undefined) return null;
  if (!sameDigest(row.fingerprint, fingerprint)) {
    throw mistake('', 'this Idempotency-Key came with another body before: take a new key for a new request');
  }
  try {
    return JSON.parse((await open(vault, db, row)).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof DataKeyUnavailable)) throw error;
    throw conflict(
      'This request was carried out, but its answer cannot be read any more: look what is there.',
    );
  }
}

async function open(
  vault: Vault,
  db: Reader,
  { id, tenant_id, reply }: IdempotentRepliesTable,
): Promise<Buffer> {
  if (tenant_id === null) return vault.keyring.openOwn('idempotent-reply', reply, id);
  const place = { purpose: 'idempotent-reply', tenantId: tenant_id, id } as const;
  return vault.keyring.open(await loadDataKeys(db, tenant_id), place, reply);
}

async function keep(
  vault: Vault,
  unit: Transaction,
  { name, fingerprint, tenantId }: { name: Uint8Array; fingerprint: Uint8Array; tenantId: number | null },
  answered: object,
): Promise<void> {
  const plaintext = Buffer.from(JSON.stringify(answered));
  if (plaintext.length > MAX_REPLY_BYTES) return;
  const id = await takeIds(unit, 'idempotent_replies');
  const reply =
    tenantId === null
      ? vault.keyring.sealOwn('idempotent-reply', plaintext, id)
      : vault.keyring.seal(
          await loadDataKeys(unit, tenantId),
          { purpose: 'idempotent-reply', tenantId, id },
          plaintext,
        );
  await table.keepReply(unit, {
    name,
    id,
    tenant_id: tenantId,
    fingerprint,
    reply,
    at: vault.engine.time().now,
  });
}
