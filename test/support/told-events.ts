import type { Engine } from '../../src/storage/engine.ts';

/** An event of the outbox, its data beside its type. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what was told and asserts on it
export type ToldEvent = { readonly type: string } & Readonly<Record<string, any>>;

/** What was told since the last look, oldest first: of these types, or of all. */
export function eventReader(engine: Engine): (...types: readonly string[]) => Promise<ToldEvent[]> {
  let last = 0;
  return async (...types) => {
    const rows = await engine.read
      .selectFrom('outbox')
      .select(['seq', 'type', 'data'])
      .where('seq', '>', last)
      .orderBy('seq')
      .execute();
    last = rows.at(-1)?.seq ?? last;
    const told = rows.map(({ type, data }) => ({ type, ...JSON.parse(data) }));
    return types.length === 0 ? told : told.filter(({ type }) => types.includes(type));
  };
}
