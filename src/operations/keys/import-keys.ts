import { setTimeout as pause } from 'node:timers/promises';
import type { Origin } from '../../audit/entry.ts';
import { type ImportedRow, type ImportView, newKey } from '../../contract/keys.ts';
import { plainWords } from '../../contract/plain-words.ts';
import { unkeepable } from '../../contract/unkeepable.ts';
import { notFound, Problem } from '../../domain/problem.ts';
import { StorageError } from '../../storage/errors.ts';
import type { ServiceRow, Transaction } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import { findByFingerprints } from '../../storage/tables/provider-keys.ts';
import { findServiceById } from '../../storage/tables/services.ts';
import { requireService, type ServicePath } from '../services/find-service.ts';
import type { Vault } from '../vault/vault.ts';
import { addKeys, type FingerprintedKey } from './add-keys.ts';
import { rowError } from './import-row-error.ts';
import { type ImportBody, type ImportRow, readRows } from './import-rows.ts';
import { KeyRoom, MOST_KEYS } from './key-room.ts';

/** Deliveries wait for a unit: it adds no more keys than can be expected to take so long, within these bounds. */
const UNIT_MS = 30;
const FEWEST = 50;
const MOST = 200;
/** So many times as long as a unit took, deliveries go on undisturbed and load again what it has changed. */
const REST = 3;
/** What an answer with a line for each row can hold. */
const MAX_ROWS = 1_000_000;

type Refused = { readonly row: number; readonly error: string };
/** A row of the body, counted from 1: a key that may be added, or why it may not. */
type Checked = ({ readonly row: number } & FingerprintedKey) | Refused;

/**
 * Adds many keys at once. A row that is no valid key, or a key that the service has already, is reported and the others are
 * added; a body that cannot be read to its end throws, and adds nothing. Where storage fails on the way, what was added
 * stays added, and the rows from there on are reported as not added: they may be sent again as they are.
 */
export async function importKeys(
  vault: Vault,
  origin: Origin,
  path: ServicePath,
  body: ImportBody,
): Promise<ImportView> {
  const service = await requireService(vault.engine.read, path);
  await readThrough(body);
  const room = new KeyRoom(service.id);
  const rows: ImportedRow[] = [];
  let stored = true;
  let took = 0;
  let size = FEWEST;
  for await (const chunk of chunksOf(readRows(body), () => size)) {
    const checked = chunk.map((row, at) => check(vault, service.id, row, rows.length + at + 1));
    if (stored) await pause(took * REST);
    const started = performance.now();
    const outcome: ImportedRow[] | null = stored
      ? await addChunk(vault, origin, service, checked, room, rows.length === 0)
      : null;
    took = performance.now() - started;
    size = Math.min(MOST, 2 * size, Math.max(FEWEST, Math.floor((chunk.length * UNIT_MS) / took)));
    stored = outcome !== null;
    rows.push(...(outcome ?? checked.map(notAdded)));
  }
  return { added: rows.filter((row) => 'id' in row).length, rows };
}

async function readThrough(body: ImportBody): Promise<void> {
  let rows = 0;
  for await (const _ of readRows(body)) {
    if (++rows > MAX_ROWS) throw new Problem('payload too large', `An import has at most ${MAX_ROWS} rows.`);
  }
}

/** `size` is asked for anew for each chunk. */
async function* chunksOf(
  rows: AsyncIterable<ImportRow>,
  size: () => number,
): AsyncGenerator<ImportRow[], void> {
  let chunk: ImportRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < size()) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function check(vault: Vault, serviceId: number, offered: ImportRow, row: number): Checked {
  if ('error' in offered) return { row, error: offered.error };
  const { success, data: input, error } = newKey.safeParse(offered.candidate, { error: plainWords });
  if (!success) return { row, error: error.issues.map(rowError).join('; ') };
  const [lost] = unkeepable(offered.candidate);
  if (lost !== undefined) return { row, error: `${lost.path[0]}: ${lost.detail}` };
  if (input.expires_at !== null && input.expires_at <= vault.engine.time().now) {
    return { row, error: 'expires_at: must be in the future' };
  }
  return { row, input, fingerprint: vault.digests.ofProviderKey(serviceId, input.key) };
}

function notAdded(checked: Checked): Refused {
  return 'error' in checked
    ? checked
    : { row: checked.row, error: 'not added, for storage failed: send it again' };
}

/** Null where storage failed and it is not the first chunk. */
async function addChunk(
  vault: Vault,
  origin: Origin,
  { id, tenant_id }: ServiceRow,
  checked: readonly Checked[],
  room: KeyRoom,
  first: boolean,
): Promise<ImportedRow[] | null> {
  if (checked.every((row) => 'error' in row)) return checked.map(notAdded);
  try {
    return await vault.engine.write({ tenantId: tenant_id }, (unit) =>
      addValid(vault, unit, origin, id, checked, room),
    );
  } catch (error) {
    if (error instanceof StorageError && !first) return null;
    throw error;
  }
}

async function addValid(
  vault: Vault,
  unit: Transaction,
  origin: Origin,
  serviceId: number,
  checked: readonly Checked[],
  room: KeyRoom,
): Promise<ImportedRow[]> {
  const service = await findServiceById(unit, serviceId);
  if (service === undefined) throw notFound();
  const valid = checked.filter((row) => 'input' in row);
  const existing = await findByFingerprints(
    unit,
    serviceId,
    valid.map(({ fingerprint }) => fingerprint),
  );
  const firstRows = new Map<string, number>();
  const refused = new Map<number, string>();
  for (const { row, fingerprint } of valid) {
    const name = Buffer.from(fingerprint).toString('hex');
    const other = existing.get(name);
    const earlier = firstRows.get(name);
    if (other !== undefined) refused.set(row, `the same key as key ${other} of the service`);
    else if (earlier !== undefined) refused.set(row, `the same key as row ${earlier}`);
    else firstRows.set(name, row);
  }
  const wanted = valid.filter(({ row }) => !refused.has(row));
  const fresh = wanted.slice(0, await room.of(unit, wanted.length));
  for (const { row } of wanted.slice(fresh.length))
    refused.set(row, `the service has ${MOST_KEYS} keys, and takes no more`);
  const ids = new Map<number, number>();
  if (fresh.length > 0) {
    const time = vault.engine.time();
    const added = await addKeys(vault, unit, origin, service, fresh, time);
    for (const [at, { row }] of fresh.entries()) ids.set(row, added.firstId + at);
    await addAuditEntry(unit, {
      at: time.now,
      tenant_id: service.tenant_id,
      type: 'key.imported',
      origin,
      target: `service:${service.slug}`,
      after: {
        count: fresh.length,
        first_key_id: added.firstId,
        last_key_id: added.firstId + fresh.length - 1,
      },
    });
  }
  return checked.map((each) => {
    const id = ids.get(each.row);
    if (id !== undefined) return { row: each.row, id };
    return 'error' in each ? each : { row: each.row, error: refused.get(each.row) ?? '' };
  });
}
