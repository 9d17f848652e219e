import { expect, it } from 'vitest';
import { OnDemandCache } from '../../../src/storage/on-demand-cache.ts';

interface Thing {
  readonly name: string;
  readonly version: number;
}

/** A cache of `max` over a database that the test writes to and whose answers it may hold back. */
function setUp(max = 10, sizeOf?: (thing: Thing) => number) {
  const database = new Map<string, Thing>();
  const loads: string[] = [];
  const held: (() => void)[] = [];
  /** `changes` counts those of all tenants, `epoch` is the last one of the things'. */
  const state = { changes: 0, epoch: 0, since: 0, holding: false };
  const cache = new OnDemandCache<Thing, string>({
    max,
    ...(sizeOf === undefined ? {} : { sizeOf }),
    async load(key, known) {
      const name = key.slice('key of '.length);
      loads.push(known === null ? name : `${name} from ${known.version}`);
      const value = database.get(name) ?? null;
      if (state.holding) await new Promise<void>((resolve) => held.push(resolve));
      return value;
    },
    epochs: {
      latest: () => state.changes,
      of: () => state.epoch,
      knownSince: () => state.since,
    },
  });
  const put = (name: string, version = 1) => database.set(name, { name, version });
  const load = (name: string) => cache.load(name, `key of ${name}`);
  return { cache, load, database, loads, held, state, put };
}

it('knows nothing before it was asked to load it', async () => {
  const { cache, load, put } = setUp();
  put('a');
  expect(cache.peek('a')).toBeUndefined();
  await load('a');
  expect(cache.peek('a')).toEqual({ name: 'a', version: 1 });
  await load('b');
  expect(cache.peek('b')).toBeNull();
});

it('loads a name once for all who ask at the same time', async () => {
  const { load, loads, put } = setUp();
  put('a');
  await Promise.all(Array.from({ length: 50 }, () => load('a')));
  expect(loads).toEqual(['a']);
});

it('rejects as the loader does, and tries again the next time', async () => {
  let attempts = 0;
  const cache = new OnDemandCache<Thing>({
    max: 10,
    load: async (name) => {
      if (++attempts === 1) throw new Error('no answer');
      return { name, version: attempts };
    },
    epochs: { latest: () => 0, of: () => 0, knownSince: () => 0 },
  });
  await expect(cache.load('a', 'a')).rejects.toThrow('no answer');
  expect(cache.peek('a')).toBeUndefined();
  await cache.load('a', 'a');
  expect(cache.peek('a')).toEqual({ name: 'a', version: 2 });
});

it('holds no more than its bound, and drops what was not asked for longest', async () => {
  const { cache, load, put } = setUp(3);
  for (const name of ['a', 'b', 'c']) {
    put(name);
    await load(name);
  }
  cache.peek('a');
  put('d');
  await load('d');
  expect(cache.size).toBe(3);
  expect(cache.peek('a')).not.toBeUndefined();
  expect(cache.peek('b')).toBeUndefined();
});

it('keeps every known name through a flood of unknown ones', async () => {
  const { cache, load, put } = setUp(5);
  for (const name of ['a', 'b', 'c']) {
    put(name);
    await load(name);
  }
  for (let turn = 0; turn < 1_000; turn++) await load(`unknown-${turn}`);
  for (const name of ['a', 'b', 'c']) expect(cache.peek(name)).toMatchObject({ name });
  expect(cache.peek('unknown-0')).toBeUndefined();
  expect(cache.peek('unknown-999')).toBeNull();
});

it('keeps a pinned value in reach however full it gets, until the last pin is gone', async () => {
  const { cache, load, put } = setUp(2);
  put('a');
  await load('a');
  const value = cache.peek('a') as Thing;
  cache.pin('a', value);
  cache.pin('a', value);
  for (const name of ['b', 'c', 'd']) {
    put(name);
    await load(name);
  }
  expect(cache.peek('a')).toBe(value);
  cache.unpin('a');
  expect(cache.peek('a')).toBe(value);
  cache.unpin('a');
  expect(cache.peek('a')).toBeUndefined();
});

it('forgets a pinned value when it is told to', async () => {
  const { cache, load, put } = setUp();
  put('a');
  await load('a');
  cache.pin('a', cache.peek('a') as Thing);
  cache.forget('a');
  expect(cache.peek('a')).toBeUndefined();
  cache.unpin('a');
  expect(cache.peek('a')).toBeUndefined();
});

it('goes on from what it has loaded where a change of configuration has overtaken it', async () => {
  const { cache, load, held, state, put, loads } = setUp();
  put('a', 1);
  state.holding = true;
  const loading = load('a');
  put('a', 2);
  state.epoch = ++state.changes;
  state.holding = false;
  held.pop()?.();
  await loading;
  expect(loads).toEqual(['a', 'a from 1']);
  expect(cache.peek('a')).toMatchObject({ version: 2 });
});

it('starts a load again that was overtaken by forgetting', async () => {
  const { cache, load, held, state, put, loads } = setUp();
  put('a', 1);
  state.holding = true;
  const loading = load('a');
  put('a', 2);
  cache.forget('a');
  state.holding = false;
  held.pop()?.();
  await loading;
  expect(loads).toEqual(['a', 'a']);
  expect(cache.peek('a')).toMatchObject({ version: 2 });
});

it('does not start a load again for what others have changed, unless it found nothing', async () => {
  const { cache, load, held, state, put, loads } = setUp();
  put('a', 1);
  state.holding = true;
  const loading = [load('a'), load('b')];
  state.changes++;
  state.holding = false;
  for (const letGo of held.splice(0)) letGo();
  await Promise.all(loading);
  expect(loads).toEqual(['a', 'b', 'b']);
  expect([cache.peek('a'), cache.peek('b')]).toEqual([{ name: 'a', version: 1 }, null]);
});

it('lets the loader go on from what it knew, unless that is from before it may', async () => {
  const { cache, load, state, put, loads } = setUp();
  put('a', 1);
  await load('a');
  state.epoch = ++state.changes;
  put('a', 2);
  await load('a');
  state.since = state.epoch = ++state.changes;
  await load('a');
  state.epoch = ++state.changes;
  cache.forget('a');
  await load('a');
  expect(loads).toEqual(['a', 'a from 1', 'a', 'a']);
});

it('keeps fewer of what takes more room, and the last one however large it is', async () => {
  const { cache, load, put } = setUp(10, ({ version }) => version);
  put('a', 6);
  put('b', 4);
  put('c', 1);
  for (const name of ['a', 'b', 'c']) await load(name);
  expect(['a', 'b', 'c'].map((name) => cache.peek(name)?.version)).toEqual([undefined, 4, 1]);
  put('d', 1_000);
  await load('d');
  expect(['b', 'c', 'd'].map((name) => cache.peek(name)?.version)).toEqual([undefined, undefined, 1_000]);
});

it('finds a name that was missing as soon as configuration has changed', async () => {
  const { cache, load, put } = setUp();
  await load('a');
  expect(cache.peek('a')).toBeNull();
  put('a');
  cache.configurationChanged();
  expect(cache.peek('a')).toBeUndefined();
  await load('a');
  expect(cache.peek('a')).toMatchObject({ name: 'a' });
});

it('takes a value of an earlier epoch for one that has to be loaded', async () => {
  const { cache, load, state, put } = setUp();
  put('a', 1);
  await load('a');
  state.epoch = ++state.changes;
  expect(cache.peek('a')).toBeUndefined();
  put('a', 2);
  await load('a');
  expect(cache.peek('a')).toMatchObject({ version: 2 });
});

it('counts what it knew, what it had to be asked to load, and what went for want of room', async () => {
  const { cache, load, put } = setUp(2);
  for (const name of ['a', 'b', 'c']) {
    put(name);
    cache.peek(name);
    await load(name);
    cache.peek(name);
  }
  await load('nowhere');
  cache.peek('nowhere');
  expect(cache.vitals).toEqual({ entries: 2, hits: 4, misses: 3, evictions: 1 });
});
