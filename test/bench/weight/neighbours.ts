/** One tenant's normal traffic beside another's floods. */
import { randomBytes, randomUUID } from 'node:crypto';
import { formatToken } from '../../../src/domain/token-format.ts';
import { AdminClient } from '../admin-client.ts';
import { serviceSlug, tenantSlug } from '../dataset/shape.ts';
import type { Asked } from '../load.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import { median } from '../statistics.ts';
import { hot } from './asked.ts';
import type { Furnished } from './databases.ts';
import type { PacedOutcome } from './paced-client.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { withHistory } from './plan.ts';
import { PER_SECOND, runPaced } from './run-paced.ts';
import { startReady } from './start-ready.ts';

const CONNECTIONS = 64;
/** Whoever turns pages does so with fewer. */
const READERS = 8;
const UNKNOWN = 20_000;
/** Longer than the paced client, which begins in the middle of it. */
const MARGIN_SECONDS = 2;

interface Flood {
  readonly name: string;
  readonly connections: number;
  readonly spread: readonly Asked[];
}

interface Round {
  readonly quiet: PacedOutcome;
  readonly beside: PacedOutcome;
  readonly floodPerSecond: number;
}

export async function measureNeighbours(context: PartContext): Promise<readonly Part[]> {
  const { stage, databases, plan, options, tell } = context;
  const furnished = await databases.furnish('history', withHistory(plan));
  const env = { ...furnished.env, KEYROTATOR_DELIVERY_RETENTION_DAYS: '3650' };
  const { server } = await startReady(stage, env);
  const floods = await makeFloods(server, furnished);
  await runPaced(context, server, furnished);
  const rounds = new Map<string, Round[]>(floods.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const flood of floods) {
      const quiet = await runPaced(context, server, furnished);
      const { connections, spread } = flood;
      const seconds = options.seconds + MARGIN_SECONDS;
      const flooding = context.tool.load({ url: server.url, token: '', connections, seconds, spread });
      const beside = await runPaced(context, server, furnished);
      const { perSecond } = await flooding;
      rounds.get(flood.name)?.push({ quiet, beside, floodPerSecond: perSecond });
    }
    tell(`neighbours, round ${round} of ${options.rounds}`);
  }
  await stage.stopServer(server);
  return [report(rounds)];
}

function report(rounds: ReadonlyMap<string, readonly Round[]>): Part {
  const entries = [...rounds];
  const ratios = (own: readonly Round[]) => own.map(({ quiet, beside }) => beside.p99Ms / quiet.p99Ms);
  return {
    title: "One tenant's traffic beside another's flood",
    setting: [
      `The one asks ${PER_SECOND} times a second, whatever the answers take; the other as fast as it is answered, with ${CONNECTIONS} connections, for pages with ${READERS}`,
      'Times count from when an answer was due to be asked for',
    ],
    head: ['the flood', 'flood, answers/s', 'quiet p50 ms', 'p50 ms', 'quiet p99 ms', 'p99 ms', 'longest ms'],
    rows: entries.map(([name, own]) => [
      name,
      whole(median(own.map((it) => it.floodPerSecond))),
      fixed(median(own.map((it) => it.quiet.p50Ms)), 2),
      fixed(median(own.map((it) => it.beside.p50Ms)), 2),
      fixed(median(own.map((it) => it.quiet.p99Ms)), 2),
      fixed(median(own.map((it) => it.beside.p99Ms)), 2),
      fixed(Math.max(...own.map((it) => it.beside.longestMs)), 1),
    ]),
    verdicts: entries.map(([name, own]) =>
      verdict(`p99 beside ${name}, of quiet`, { atMost: 2 }, ratios(own)),
    ),
    faults: entries.flatMap(([name, own]) =>
      own.some(({ quiet, beside }) => quiet.failed + beside.failed > 0) ? [`${name}: answers failed`] : [],
    ),
  };
}

async function makeFloods(server: Started, furnished: Furnished): Promise<Flood[]> {
  const admin = new AdminClient(server.url, furnished.rootToken);
  const [delivery] = hot(furnished);
  const path = delivery?.path ?? '';
  const tenant = `/tenants/${tenantSlug(1)}`;
  const barred = { name: 'Barred', services: [] };
  const { app_token } = await admin.call<{ app_token: string }>('POST', `${tenant}/apps`, barred);
  const owner = { name: `Bench ${randomUUID()}`, role: 'owner' };
  const { admin_token } = await admin.call<{ admin_token: string }>('POST', `${tenant}/admin-tokens`, owner);
  const pages = [
    `${tenant}/services/${serviceSlug(1)}/deliveries?limit=200`,
    `${tenant}/audit?limit=200`,
    `${tenant}/services?limit=200`,
  ];
  const unknown = Array.from({ length: UNKNOWN }, () => ({
    path,
    token: formatToken('client', randomBytes(32)),
  }));
  return [
    { name: 'unknown tokens', connections: CONNECTIONS, spread: unknown },
    { name: 'a refused app', connections: CONNECTIONS, spread: [{ path, token: app_token }] },
    { name: 'deliveries at full speed', connections: CONNECTIONS, spread: hot(furnished) },
    {
      name: 'long pages of lists',
      connections: READERS,
      spread: pages.map((page) => ({ path: `/admin/v1${page}`, token: admin_token })),
    },
  ];
}
