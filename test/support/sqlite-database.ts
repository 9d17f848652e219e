/** Databases for tests on the embedded engine. */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** The database in a folder; where the folder has none, one with the schema of this release, which need not be migrated. */
export function sqliteFile(folder: string): string {
  const file = join(folder, 'keyrotator.db');
  if (existsSync(folder) && !existsSync(file)) copyFileSync(inject('sqliteTemplate'), file);
  return file;
}
