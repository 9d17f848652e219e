/** Keys imported while keys are delivered: many in one request, and very many in one request after another. */
import { serviceSlug, tenantSlug } from '../dataset/shape.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import { hot } from './asked.ts';
import type { Furnished } from './databases.ts';
import { loadTable } from './load-table.ts';
import { type Measured, measureLoad } from './measure-load.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { imported, type WeightPlan, withoutHistory } from './plan.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
/** How many requests bring the very many. */
const REQUESTS = 20;
/** So many loads, before and after an import, show what the longest answer is without one. */
const MOST_QUIET = 30;

/** What is imported: so many keys in one request into each of these services. */
interface Import {
  readonly name: string;
  readonly into: readonly string[];
  readonly seconds: number;
}

interface Imported {
  readonly added: number;
  readonly seconds: number;
  readonly quiet: readonly Measured[];
  readonly beside: readonly Measured[];
}

export async function measureImport(context: PartContext): Promise<readonly Part[]> {
  const { stage, databases, plan, options, tell } = context;
  await databases.furnish('empty', withoutHistory(plan));
  const vault = await databases.copy('empty');
  const { server } = await startReady(stage, vault.env);
  const count = imported(plan);
  const named: (readonly [string, Imported])[] = [];
  for (const each of importsOf(plan, options.seconds)) {
    const run = await importBeside(context, server, vault, each, count);
    tell(
      `import into ${each.name}: ${whole(run.added)} keys in ${fixed(run.seconds, 1)} s; longest answer ${fixed(longest(run.quiet), 0)} ms without, ${fixed(longest(run.beside), 0)} ms meanwhile`,
    );
    if (run.added !== count * each.into.length) throw new Error(`only ${run.added} keys were added`);
    named.push([each.name, run]);
  }
  await stage.stopServer(server);
  return [
    {
      title: `Importing ${whole(count)} keys a request`,
      setting: [
        `${CONNECTIONS} connections ask for the hot service all the while`,
        ...named.map(
          ([kind, { added, seconds }]) => `Into ${kind}: ${whole(added)} added in ${fixed(seconds, 1)} s`,
        ),
      ],
      ...loadTable(
        named.flatMap(([kind, { quiet, beside }]) => [
          [`without (${kind})`, quiet] as const,
          [`importing into ${kind}`, beside] as const,
        ]),
      ),
      verdicts: named.map(([kind, { quiet, beside }]) =>
        verdict(`longest answer while importing into ${kind}, ms more than without`, { atMost: 100 }, [
          longest(beside) - longest(quiet),
        ]),
      ),
      faults: named.flatMap(([kind, { quiet, beside }]) => [
        ...quiet.flatMap(({ faults }) => faults.map((fault) => `${kind}: ${fault}`)),
        ...beside.flatMap(({ faults }) => faults.map((fault) => `${kind}: ${fault}`)),
      ]),
    },
  ];
}

function importsOf(plan: WeightPlan, seconds: number): Import[] {
  const place = (tenant: number, service: number) => `${tenantSlug(tenant)}/services/${serviceSlug(service)}`;
  const { tenants, services } = withoutHistory(plan);
  const perTenant = services / tenants;
  // Of the tenants from the last one back, so that none is in the way of the others.
  const others = Array.from({ length: Math.min(REQUESTS, (tenants - 2) * perTenant) }, (_, at) =>
    place(tenants - Math.floor(at / perTenant), 1 + (at % perTenant)),
  );
  return [
    { name: 'another tenant', into: [place(2, 1)], seconds },
    { name: 'another service', into: [place(1, 2)], seconds },
    { name: 'the served service', into: [place(1, 1)], seconds },
    { name: `${others.length} services in a row`, into: others, seconds: 5 * seconds },
  ];
}

function longest(loads: readonly Measured[]): number {
  return Math.max(...loads.map(({ longestMs }) => longestMs));
}

async function importBeside(
  { tool }: PartContext,
  server: Started,
  vault: Furnished,
  { into, seconds }: Import,
  count: number,
): Promise<Imported> {
  const load = () => measureLoad(tool, server, { connections: CONNECTIONS, seconds, spread: hot(vault) });
  await load();
  const quiet = [await load()];
  const started = performance.now();
  let importing = true;
  const answered = importAll(server, vault, into, count).finally(() => {
    importing = false;
  });
  // Told when the loads are through.
  answered.catch(() => {});
  const beside: Measured[] = [];
  while (importing) beside.push(await load());
  const added = await answered;
  const took = (performance.now() - started) / 1000;
  // The longest of many answers is longer than that of few: it is held against one of about as many.
  while (quiet.length < Math.min(beside.length, MOST_QUIET)) quiet.push(await load());
  return { added, seconds: took, quiet, beside };
}

/** Resolves with how many keys were added. */
async function importAll(
  { url }: Started,
  { rootToken }: Furnished,
  into: readonly string[],
  count: number,
): Promise<number> {
  let all = 0;
  for (const place of into) {
    const keys = Array.from({ length: count }, (_, at) => `Imported ${at},sk-import-${place}-${at}`);
    const response = await fetch(`${url}/admin/v1/tenants/${place}/keys/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rootToken}`, 'content-type': 'text/csv' },
      body: ['label,key', ...keys].join('\n'),
    });
    const { added = 0 } = (await response.json()) as { added?: number };
    all += added;
  }
  return all;
}
