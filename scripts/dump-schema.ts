/**
 * Writes db/sqlite/schema.sql: the schema after all migrations, for people to read and for a review to show what a
 * migration changes. With `--check` it writes nothing and fails where the file is not up to date.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { SqliteEngine } from '../src/storage/sqlite/sqlite-engine.ts';

const SNAPSHOT = new URL('../db/sqlite/schema.sql', import.meta.url);
const HEAD =
  '-- The schema after all migrations, made by `node scripts/dump-schema.ts`. Nothing reads it but people.\n';

async function dumpSchema(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-schema-'));
  const engine = await SqliteEngine.open({
    file: join(folder, 'keyrotator.db'),
    clock: { wall: Date.now, monotonic: () => performance.now() },
    observer: { batchCommitted() {}, batchFailed() {}, storageLost() {} },
    report() {},
  });
  try {
    const { rows } = await sql<{ sql: string }>`
      SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
      ORDER BY tbl_name, type DESC, name`.execute(engine.read);
    return `${HEAD}\n${rows.map((row) => `${row.sql};\n`).join('\n')}`;
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true });
  }
}

const schema = await dumpSchema();
if (!process.argv.includes('--check')) {
  writeFileSync(SNAPSHOT, schema);
} else if (readFileSync(SNAPSHOT, 'utf8') !== schema) {
  console.error('db/sqlite/schema.sql is not up to date: run `node scripts/dump-schema.ts`');
  process.exitCode = 1;
}
