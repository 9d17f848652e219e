/** Opens every secret of a vault: what does not open here will never be handed out again. */
import type { Progress } from '../../storage/backup/progress.ts';
import type { Reader } from '../../storage/rows.ts';
import { listDataKeys, listSealed, SEALED, type SealedRow } from '../../storage/tables/sealed.ts';
import type { SealPlace } from '../../vault/envelope.ts';
import type { Keyring, SealedDataKeys } from '../../vault/keyring.ts';

const PAGE = 1_000;
const TENANTS = 500;

export interface VerifiedSecrets {
  readonly opened: number;
  /** Those that do not open, as `provider key 12 of tenant 3`. */
  readonly broken: readonly string[];
}

/** `expected`: how many there are, for the progress. The pepper and the master key check are not among them. */
export async function verifySecrets(
  db: Reader,
  keyring: Keyring,
  expected: number,
  progress: Progress,
): Promise<VerifiedSecrets> {
  const broken = await findBrokenDataKeys(db, keyring);
  let opened = 0;
  for (const kind of SEALED) {
    for (let after = 0; ; ) {
      const { rows, dataKeys } = await listSealed(db, kind, PAGE, after);
      const last = rows.at(-1);
      if (last === undefined) break;
      for (const row of rows) {
        if (opens(keyring, dataKeys.get(row.tenant_id), row)) opened++;
        else broken.push(`${row.purpose.replace('-', ' ')} ${row.id} of tenant ${row.tenant_id}`);
      }
      after = last.id;
      progress(Math.min(1, (opened + broken.length) / Math.max(1, expected)));
    }
  }
  progress(1);
  return { opened, broken };
}

/** Tenants whose newest data key, under which whatever comes next is sealed, cannot be unwrapped. */
async function findBrokenDataKeys(db: Reader, keyring: Keyring): Promise<string[]> {
  const broken: string[] = [];
  for (let after = 0; ; ) {
    const tenants = await listDataKeys(db, TENANTS, after);
    if (tenants.size === 0) return broken;
    for (const [tenantId, dataKeys] of tenants) {
      try {
        keyring.seal(dataKeys, { purpose: 'provider-key', tenantId, id: 0 }, Buffer.alloc(0));
      } catch {
        broken.push(`data key of tenant ${tenantId}`);
      }
      after = tenantId;
    }
  }
}

function opens(keyring: Keyring, dataKeys: SealedDataKeys | undefined, row: SealedRow): boolean {
  if (dataKeys === undefined) return false;
  const place: SealPlace = { purpose: row.purpose, tenantId: row.tenant_id, id: row.id };
  try {
    keyring.open(dataKeys, place, row.sealed).fill(0);
    return true;
  } catch {
    return false;
  }
}
