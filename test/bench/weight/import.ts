/** Keys imported while keys are delivered: many in one request, and very many in one request after another. */
import { serviceSlug, tenantSlug } from '../dataset/shape.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import { median } from '../statistics.ts';
import type { Verdict } from '../targets.ts';
import { hot } from './asked.ts';
import type { Furnished } from './databases.ts';
import { loadTable } from './load-table.ts';
import { type Measured, measureLoad } from './measure-load.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { imported, withoutHistory } from './plan.ts';
import { PER_SECOND, runPaced } from './run-paced.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
/** How many requests bring the very many. */
const REQUESTS = 20;
/** How long each look at the even traffic beside them takes. */
const LOOK_SECONDS = 15;

/** What is imported: so many keys in one request into each of these services. */
interface Import {
  readonly name: string;
  readonly into: readonly string[];
}

/** What was measured while there was no import, and while there was one. */
interface Imported<M> {
  readonly added: number;
  readonly seconds: number;
  readonly quiet: readonly M[];
  readonly beside: readonly M[];
}

export async function measureImport(context: PartContext): Promise<readonly Part[]> {
  const { stage, databases, plan } = context;
  await databases.furnish('empty', withoutHistory(plan));
  const vault = await databases.copy('empty');
  const { server } = await startReady(stage, vault.env);
  const parts = [
    await measureAtFullSpeed(context, server, vault),
    await measureAtEvenPace(context, server, vault),
  ];
  await stage.stopServer(server);
  return parts;
}

async function measureAtFullSpeed(context: PartContext, server: Started, vault: Furnished): Promise<Part> {
  const { tool, plan, options } = context;
  const load = () =>
    measureLoad(tool, server, {
      connections: CONNECTIONS,
      seconds: options.seconds,
      spread: hot(vault),
    });
  const named: (readonly [string, Imported<Measured>])[] = [];
  for (const each of [
    { name: 'another tenant', into: [place(2, 1)] },
    { name: 'another service', into: [place(1, 2)] },
    { name: 'the served service', into: [place(1, 1)] },
  ]) {
    named.push([each.name, await importBeside(context, server, vault, each, load)]);
  }
  return {
    title: `Importing ${whole(imported(plan))} keys in one request, beside deliveries at full speed`,
    setting: [
      `${CONNECTIONS} connections ask for the hot service all the while`,
      ...named.map(([name, run]) => settingOf(name, run)),
    ],
    ...loadTable(
      named.flatMap(([name, { quiet, beside }]) => [
        [`without (${name})`, quiet] as const,
        [`importing into ${name}`, beside] as const,
      ]),
    ),
    verdicts: named.map(([name, run]) => verdictOf(name, run)),
    faults: named.flatMap(([name, { quiet, beside }]) =>
      [...quiet, ...beside].flatMap(({ faults }) => faults.map((fault) => `${name}: ${fault}`)),
    ),
  };
}

async function measureAtEvenPace(context: PartContext, server: Started, vault: Furnished): Promise<Part> {
  const { plan } = context;
  const { tenants, services } = withoutHistory(plan);
  const perTenant = services / tenants;
  // Of the tenants from the last one back, so that none is in the way of the others.
  const into = Array.from({ length: Math.min(REQUESTS, (tenants - 2) * perTenant) }, (_, at) =>
    place(tenants - Math.floor(at / perTenant), 1 + (at % perTenant)),
  );
  const name = `${into.length} services in a row`;
  const run = await importBeside(context, server, vault, { name, into }, () =>
    runPaced(context, server, vault, LOOK_SECONDS),
  );
  return {
    title: `Importing ${whole(imported(plan))} keys a request, beside deliveries at an even pace`,
    setting: [
      `A tenant asks ${PER_SECOND} times a second, whatever the answers take; times count from when an answer was due to be asked for`,
      settingOf(name, run),
    ],
    head: ['', 'p50 ms', 'p99 ms', 'longest ms'],
    rows: (['quiet', 'beside'] as const).map((when) => [
      when === 'quiet' ? 'without' : 'importing',
      fixed(median(run[when].map((it) => it.p50Ms)), 2),
      fixed(median(run[when].map((it) => it.p99Ms)), 2),
      fixed(longest(run[when]), 1),
    ]),
    verdicts: [verdictOf(name, run)],
    faults: [...run.quiet, ...run.beside].some(({ failed }) => failed > 0) ? [`${name}: answers failed`] : [],
  };
}

function place(tenant: number, service: number): string {
  return `${tenantSlug(tenant)}/services/${serviceSlug(service)}`;
}

function settingOf(name: string, { added, seconds }: Imported<unknown>): string {
  return `Into ${name}: ${whole(added)} added in ${fixed(seconds, 1)} s`;
}

function verdictOf(name: string, { quiet, beside }: Imported<{ readonly longestMs: number }>): Verdict {
  return verdict(`longest answer while importing into ${name}, ms more than without`, { atMost: 100 }, [
    longest(beside) - longest(quiet),
  ]);
}

function longest(loads: readonly { readonly longestMs: number }[]): number {
  return Math.max(...loads.map(({ longestMs }) => longestMs));
}

/** Measures for as long as the import takes, and as often without it: the longest of many answers is longer than that of few. */
async function importBeside<M extends { readonly longestMs: number }>(
  { plan, tell }: PartContext,
  server: Started,
  vault: Furnished,
  { name, into }: Import,
  measure: () => Promise<M>,
): Promise<Imported<M>> {
  const count = imported(plan);
  await measure();
  const quiet = [await measure()];
  const started = performance.now();
  let importing = true;
  const answered = importAll(server, vault, into, count).finally(() => {
    importing = false;
  });
  // Told when the loads are through.
  answered.catch(() => {});
  const beside: M[] = [];
  while (importing) beside.push(await measure());
  const added = await answered;
  const seconds = (performance.now() - started) / 1000;
  while (quiet.length < beside.length) quiet.push(await measure());
  tell(
    `import into ${name}: ${whole(added)} keys in ${fixed(seconds, 1)} s; longest answer ${fixed(longest(quiet), 0)} ms without, ${fixed(longest(beside), 0)} ms meanwhile`,
  );
  if (added !== count * into.length) throw new Error(`only ${added} keys were added`);
  return { added, seconds, quiet, beside };
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
