import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Batch } from '../../src/storage/postgres/batch.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import { Lane } from '../../src/storage/postgres/lane.ts';
import { createMigratedDatabase } from '../support/postgres-database.ts';

it('a lane that has lost the connection with its locks does nothing more in their name', async () => {
  const database = await createMigratedDatabase();
  const lane = new Lane(parseDatabaseUrl(database.url), 5_000, () => {});
  const acts = [
    () => lane.commit(new Batch(), []),
    () => lane.readCounters([]),
    () => lane.hasCommitted(1, 0, ''),
  ];
  for (const act of acts) {
    await lane.lock([1], true, []);
    await database.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'idle in transaction'`,
    );
    await sleep(100);
    await expect(act()).rejects.toThrow('the connection with the locks was lost');
  }
  await lane.close();
});
