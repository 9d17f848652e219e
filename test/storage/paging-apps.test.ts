/** A list that is read page by page while others add and delete: what was there all the time is in it, once. */
import { describe, expect, it } from 'vitest';
import { SYSTEM_ORIGIN } from '../../src/audit/entry.ts';
import { newApp } from '../../src/contract/apps.ts';
import { type AppsQuery, appsQuery } from '../../src/contract/list-queries.ts';
import { createApp, deleteApp, listApps } from '../../src/operations/apps/apps.ts';
import { decodeCursor } from '../../src/operations/paging.ts';
import { ENGINES } from '../support/engines.ts';
import { seedManyApps } from '../support/many-apps.ts';
import { seedTenant } from '../support/seed.ts';
import type { Room } from '../support/storage-room.ts';

const APPS = 100_000;
const LIMIT = 200;

/** Every id, in the order in which they come. */
async function readThrough(room: Room, filter: AppsQuery): Promise<number[]> {
  const ids: number[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const { data, next_cursor } = await listApps(room, 'acme', filter, { list: 'apps', limit: LIMIT, after });
    if (next_cursor !== null) expect(data).toHaveLength(LIMIT);
    ids.push(...data.map(({ id }) => id));
    after = next_cursor === null ? null : decodeCursor(next_cursor, 'apps');
  }
  return ids;
}

/** Adds and deletes apps, before the reader and behind it, until it is told to stop; returns the ids of both. */
function churn(room: Room, next: () => number) {
  const added: number[] = [];
  const deleted: number[] = [];
  let stopping = false;
  const over = (async () => {
    for (let turn = 0; !stopping; turn += 1) {
      const input = newApp.parse({ name: `App ${turn}`, tags: { tenth: 'yes' } });
      added.push((await createApp(room, SYSTEM_ORIGIN, 'acme', input)).id);
      const id = next();
      deleted.push(id);
      await deleteApp(room, SYSTEM_ORIGIN, 'acme', id, null);
    }
  })();
  const stop = async () => {
    stopping = true;
    await over;
    return { added, deleted };
  };
  return { stop };
}

for (const engine of ENGINES) {
  describe(`a list of 100,000 apps on ${engine.name}`, () => {
    it('pages through without a repeat or a gap while others are added and deleted', async () => {
      const room = await engine.open();
      const [{ id: tenantId }, rival] = [await seedTenant(room, 'acme'), await seedTenant(room, 'rival')];
      await seedManyApps(room, rival.id, 1_000);
      const first = await seedManyApps(room, tenantId, APPS);
      // As the server does by itself within a minute: until then it takes a table for as small as it was.
      if (engine.name === 'postgres') await room.rows('ANALYZE apps');
      const gone = new Set<number>();
      let turn = 0;
      let churned = 0;
      // Spread over all of them, each once.
      const next = () => first + ((turn++ * 7_919) % APPS);
      const asked: [Record<string, string>, (number: number) => boolean][] = [
        [{}, () => true],
        [{ status: 'disabled' }, (number) => number % 100 === 0],
        [{ tag: 'tenth:yes' }, (number) => number % 10 === 0],
        [{ q: 'app 9' }, (number) => String(number).startsWith('9')],
      ];
      for (const [query, isAsked] of asked) {
        const others = churn(room, next);
        const ids = await readThrough(room, appsQuery.parse(query));
        const { added, deleted } = await others.stop();
        churned += Math.min(added.length, deleted.length);
        expect(ids.filter((id, at) => id <= (ids[at - 1] ?? 0))).toEqual([]);
        for (const id of deleted) gone.add(id);
        const seen = new Set(ids);
        const missing: number[] = [];
        for (let number = 0; number < APPS; number += 1) {
          const id = first + number;
          if (!gone.has(id) && isAsked(number) !== seen.has(id)) missing.push(id);
        }
        expect(missing, JSON.stringify(query)).toEqual([]);
        expect(ids.filter((id) => id < first)).toEqual([]);
      }
      expect(churned, 'apps added and deleted meanwhile').toBeGreaterThan(20);
    }, 120_000);
  });
}
