/**
 * What is written beside a backup, as FILE.sha256: a checksum that `sha256sum -c` and `shasum -c` check, below comments that
 * say what the backup is. Nothing in it is secret.
 */
import { basename } from 'node:path';
import { z } from 'zod';
import { StorageError } from '../errors.ts';

const FORMAT = '1';
const TITLE = '# KeyRotator backup';

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const fields = z.object({
  engine: z.enum(['sqlite', 'postgres']),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  schema: wholeNumber,
  bytes: wholeNumber,
  rows: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(z.record(z.string(), z.number().int().nonnegative())),
  master_key_check: z.base64().transform((text) => Buffer.from(text, 'base64')),
});

export interface BackupManifest {
  readonly engine: 'sqlite' | 'postgres';
  /** RFC 3339: the backup has what was committed by then. */
  readonly created_at: string;
  /** The number of its newest migration. */
  readonly schema: number;
  readonly bytes: number;
  /** Rows per table. */
  readonly rows: Readonly<Record<string, number>>;
  /** As it lies in the database: tells whether a master key is that of the backup. */
  readonly master_key_check: Uint8Array;
  /** SHA-256 of the backup's file, in hex. */
  readonly sha256: string;
}

/** Where the manifest of a backup lies. */
export function manifestFile(file: string): string {
  return `${file}.sha256`;
}

export function formatManifest(manifest: BackupManifest, file: string): string {
  const { engine, created_at, schema, bytes, rows, master_key_check, sha256 } = manifest;
  return `${TITLE}
# format: ${FORMAT}
# engine: ${engine}
# created_at: ${created_at}
# schema: ${schema}
# bytes: ${bytes}
# rows: ${JSON.stringify(rows)}
# master_key_check: ${Buffer.from(master_key_check).toString('base64')}
${sha256}  ${basename(file)}
`;
}

/** Throws a StorageError (`BACKUP`) that says what is wrong with it. `name`: the manifest's file, for the message. */
export function parseManifest(text: string, name: string): BackupManifest {
  const refuse = (why: string) => new StorageError('BACKUP', `${name} ${why}`);
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines[0] !== TITLE) throw refuse('is not the checksum of a backup that `npm run backup` has made');
  const found = new Map(
    lines.flatMap((line) => {
      const match = /^# (\w+): (.*)$/.exec(line);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? '']];
    }),
  );
  const format = found.get('format');
  if (format !== FORMAT) {
    throw refuse(
      `is of format ${format ?? 'unknown'}, this release reads ${FORMAT}: use the release that made the backup`,
    );
  }
  const sums = lines.filter((line) => !line.startsWith('#'));
  const [, sha256] = /^([0-9a-f]{64}) [ *]./.exec(sums[0] ?? '') ?? [];
  const parsed = parseFields(found);
  if (sha256 === undefined || sums.length !== 1 || parsed === null) {
    throw refuse('is damaged: take it from where the backup was copied from');
  }
  return { ...parsed, sha256 };
}

function parseFields(found: ReadonlyMap<string, string>): Omit<BackupManifest, 'sha256'> | null {
  try {
    return fields.parse(Object.fromEntries(found));
  } catch {
    return null;
  }
}
