/** Brings a vault back from a backup. Nothing is replaced before everything in the backup was checked. */
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import type { BackupManifest } from '../../storage/backup/manifest.ts';
import type { Steps } from '../../storage/backup/progress.ts';
import { StorageError } from '../../storage/errors.ts';
import type { Reader } from '../../storage/rows.ts';
import { addAuditEntry } from '../../storage/tables/audit-entries.ts';
import type { Keyring } from '../../vault/keyring.ts';
import { verifyMasterKey } from './prepare-vault.ts';
import { verifySecrets } from './verify-secrets.ts';

/** How many of the secrets that do not open are named. */
const NAMED = 5;

export interface InspectOptions {
  readonly keyring: Keyring;
  readonly manifest: BackupManifest;
  /** Secrets that do not open are told, and refuse nothing. */
  readonly withBroken: boolean;
  readonly steps: Steps;
  readonly tell: (line: string) => void;
}

/**
 * Opens every secret of a vault that was brought back, and adds to its audit trail that it was. Rejects with WrongMasterKey,
 * or with a StorageError (`BACKUP`) that names secrets which do not open.
 */
export async function inspectRestored(db: Reader, options: InspectOptions): Promise<void> {
  const { keyring, manifest, withBroken, steps, tell } = options;
  verifyMasterKey(keyring, await setting(db, 'master_key_check'));
  keyring.openOwn('token-pepper', await setting(db, 'token_pepper')).fill(0);
  const { provider_keys: keys = 0, webhooks = 0 } = manifest.rows;
  const { opened, broken } = await verifySecrets(db, keyring, keys + webhooks, steps('opening every secret'));
  if (broken.length > 0) {
    const named = `${broken.slice(0, NAMED).join(', ')}${broken.length > NAMED ? ', …' : ''}`;
    const what = `${broken.length} of ${opened + broken.length} secrets do not open: ${named}`;
    if (!withBroken) {
      throw new StorageError(
        'BACKUP',
        `${what}. Take an older backup, or take this one without them by --with-broken`,
      );
    }
    tell(what);
  }
  tell(`${opened} secrets open under the master key`);
  await noteRestoration(db, manifest);
}

async function noteRestoration(db: Reader, { created_at, sha256 }: BackupManifest): Promise<void> {
  await db.transaction().execute((unit) =>
    addAuditEntry(unit, {
      at: Date.now(),
      tenant_id: null,
      type: 'vault.restored',
      origin: SYSTEM_ORIGIN,
      target: 'vault',
      after: { backup_created_at: created_at, backup_sha256: sha256 },
    }),
  );
}

async function setting(db: Reader, name: string): Promise<Uint8Array> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  if (row === undefined)
    throw new StorageError('BACKUP', `the backup has no ${name}: it holds no whole vault`);
  return row.value;
}
