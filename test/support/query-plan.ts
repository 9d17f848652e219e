import { CompiledQuery } from 'kysely';
import type { Reader } from '../../src/storage/rows.ts';

/** How SQLite runs the first query that `ask` asks, in its words. */
export async function planOf(db: Reader, ask: (db: Reader) => Promise<unknown>): Promise<string> {
  const asked: CompiledQuery[] = [];
  const watched = db.withPlugin({
    transformQuery({ node, queryId }) {
      asked.push(db.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await ask(watched);
  const [query] = asked;
  const plan = await db.executeQuery(
    CompiledQuery.raw(`EXPLAIN QUERY PLAN ${query?.sql}`, [...(query?.parameters ?? [])]),
  );
  return JSON.stringify(plan.rows);
}
