/** A database file with the schema of this release and nothing in it, as a global set-up of vitest: tests copy it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { SqliteEngine } from '../../src/storage/sqlite/sqlite-engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    sqliteTemplate: string;
  }
}

/** Makes the file; what it returns removes it. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-template-'));
  const file = join(folder, 'keyrotator.db');
  const engine = await SqliteEngine.open({
    file,
    // Before the time of any test.
    clock: { wall: () => 0, monotonic: () => 0 },
    observer: {
      batchCommitted() {},
      batchFailed() {},
      storageLost() {},
    },
    report() {},
  });
  await engine.close();
  project.provide('sqliteTemplate', file);
  return () => rmSync(folder, { recursive: true, force: true });
}
