/** Keys imported in one request while keys are delivered. */
import { serviceSlug, tenantSlug } from '../dataset/shape.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import { hot } from './asked.ts';
import type { Furnished } from './databases.ts';
import { loadTable } from './load-table.ts';
import { type Measured, measureLoad } from './measure-load.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { imported, withoutHistory } from './plan.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
const KINDS = ['another tenant', 'another service', 'the served service'] as const;

interface Imported {
  readonly added: number;
  readonly seconds: number;
  readonly quiet: readonly Measured[];
  readonly beside: readonly Measured[];
}

export async function measureImport(context: PartContext): Promise<readonly Part[]> {
  const { stage, databases, plan, tell } = context;
  await databases.furnish('empty', withoutHistory(plan));
  const vault = await databases.copy('empty');
  const { server } = await startReady(stage, vault.env);
  const count = imported(plan);
  const runs: Imported[] = [];
  for (const [into, kind] of [
    [`${tenantSlug(2)}/services/${serviceSlug(1)}`, KINDS[0]],
    [`${tenantSlug(1)}/services/${serviceSlug(2)}`, KINDS[1]],
    [`${tenantSlug(1)}/services/${serviceSlug(1)}`, KINDS[2]],
  ] as const) {
    const run = await importBeside(context, server, vault, into, count);
    tell(
      `import into ${kind}: ${whole(run.added)} keys in ${fixed(run.seconds, 1)} s; longest answer ${fixed(longest(run.quiet), 0)} ms before, ${fixed(longest(run.beside), 0)} ms meanwhile`,
    );
    runs.push(run);
  }
  await stage.stopServer(server);
  const named = KINDS.map((kind, at) => [kind, runs[at] as Imported] as const);
  return [
    {
      title: `Importing ${whole(count)} keys in one request`,
      setting: [
        `${CONNECTIONS} connections ask for the hot service all the while`,
        ...named.map(
          ([kind, { added, seconds }]) => `Into ${kind}: ${whole(added)} added in ${fixed(seconds, 1)} s`,
        ),
      ],
      ...loadTable(
        named.flatMap(([kind, { quiet, beside }]) => [
          [`before (${kind})`, quiet] as const,
          [`importing into ${kind}`, beside] as const,
        ]),
      ),
      verdicts: named.map(([kind, { quiet, beside }]) =>
        verdict(`longest answer while importing into ${kind}, ms more than before`, { atMost: 100 }, [
          longest(beside) - longest(quiet),
        ]),
      ),
      faults: named.flatMap(([kind, { added, quiet, beside }]) => [
        ...(added === count ? [] : [`${kind}: only ${added} of ${count} keys were added`]),
        ...[...quiet, ...beside].flatMap(({ faults }) => faults.map((fault) => `${kind}: ${fault}`)),
      ]),
    },
  ];
}

function longest(loads: readonly Measured[]): number {
  return Math.max(...loads.map(({ longestMs }) => longestMs));
}

async function importBeside(
  { tool, options }: PartContext,
  server: Started,
  vault: Furnished,
  into: string,
  count: number,
): Promise<Imported> {
  const load = () =>
    measureLoad(tool, server, { connections: CONNECTIONS, seconds: options.seconds, spread: hot(vault) });
  await load();
  const quiet = [await load(), await load()];
  const body = [
    'label,key',
    ...Array.from({ length: count }, (_, at) => `Imported ${at},sk-import-${into}-${at}`),
  ];
  const started = performance.now();
  let importing = true;
  const answered = fetch(`${server.url}/admin/v1/tenants/${into}/keys/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${vault.rootToken}`, 'content-type': 'text/csv' },
    body: body.join('\n'),
  })
    .then((response) => response.json() as Promise<{ added?: number }>)
    .then(({ added = 0 }) => ({ added, seconds: (performance.now() - started) / 1000 }))
    .finally(() => {
      importing = false;
    });
  // Told when the loads are through.
  answered.catch(() => {});
  const beside: Measured[] = [];
  while (importing) beside.push(await load());
  return { ...(await answered), quiet, beside };
}
