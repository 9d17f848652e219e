/** An export of a very long audit trail: what memory it takes, and what deliveries feel of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../../src/config/config.ts';
import { createLog } from '../../../src/service/log.ts';
import { openVault } from '../../../src/service/open-vault.ts';
import { addAuditEntries } from '../../support/audit-entries.ts';
import { tenantSlug } from '../dataset/shape.ts';
import { readProcess } from '../machine.ts';
import { fixed, whole } from '../report.ts';
import type { Started } from '../stage.ts';
import type { Furnished } from './databases.ts';
import type { PacedOutcome } from './paced-client.ts';
import { type Part, type PartContext, verdict } from './part.ts';
import { auditEntries } from './plan.ts';
import { runPaced } from './run-paced.ts';
import { startReady } from './start-ready.ts';

const FORMATS = ['ndjson', 'csv', 'parquet'] as const;
const SHAPE = { tenants: 2, services: 2, keys: 4, deliveries: 0, days: 30 };
const SAMPLE_MS = 100;
const MIB_IN_MB = 1.048576;

interface Exported {
  readonly bytes: number;
  readonly seconds: number;
  /** Above what was resident before, and all of it, in MB. */
  readonly grownMb: number;
  readonly highestMb: number;
  readonly quiet: PacedOutcome;
  readonly beside: readonly PacedOutcome[];
}

export async function measureExport(context: PartContext): Promise<readonly Part[]> {
  const { stage, databases, plan, tell } = context;
  const count = auditEntries(plan);
  const furnished = await databases.furnish('audit', SHAPE);
  await addEntries(furnished, count);
  const rows: string[][] = [];
  const verdicts = [];
  const faults: string[] = [];
  for (const format of FORMATS) {
    const { server } = await startReady(stage, furnished.env);
    const result = await measureOne(context, server, furnished, format);
    await stage.stopServer(server);
    const longest = Math.max(...result.beside.map(({ longestMs }) => longestMs));
    const p99 = Math.max(...result.beside.map(({ p99Ms }) => p99Ms));
    tell(`${format}: ${whole(result.bytes)} bytes in ${fixed(result.seconds, 1)} s`);
    rows.push([
      format,
      fixed(result.seconds, 1),
      fixed(result.bytes / 1e6, 1),
      fixed(result.grownMb, 0),
      fixed(result.highestMb, 0),
      fixed(result.quiet.p99Ms, 2),
      fixed(p99, 2),
      fixed(result.quiet.longestMs, 1),
      fixed(longest, 1),
    ]);
    verdicts.push(
      verdict(`memory that an export as ${format} takes, MB`, { atMost: 200 }, [result.grownMb]),
      verdict(
        `p99 of another tenant beside an export as ${format}, of quiet`,
        { atMost: 2 },
        result.beside.map((loaded) => loaded.p99Ms / result.quiet.p99Ms),
      ),
    );
    if ([result.quiet, ...result.beside].some(({ failed }) => failed > 0))
      faults.push(`${format}: deliveries failed`);
  }
  return [
    {
      title: `Exports of ${whole(count)} audit entries`,
      setting: [
        'Another tenant asks for 100 keys a second meanwhile; the longest and the p99 are the worst of its runs',
        `Memory is what is resident, looked at every ${SAMPLE_MS} ms`,
      ],
      head: [
        'format',
        's',
        'MB',
        'memory grew, MB',
        'highest, MB',
        'quiet p99 ms',
        'p99 ms',
        'quiet longest ms',
        'longest ms',
      ],
      rows,
      verdicts,
      faults,
    },
  ];
}

async function measureOne(
  context: PartContext,
  server: Started,
  furnished: Furnished,
  format: (typeof FORMATS)[number],
): Promise<Exported> {
  await runPaced(context, server, furnished);
  const quiet = await runPaced(context, server, furnished);
  const resident = () => (readProcess(server.pid)?.residentMiB ?? Number.NaN) * MIB_IN_MB;
  const before = resident();
  let highestMb = before;
  const sampling = setInterval(() => {
    highestMb = Math.max(highestMb, resident());
  }, SAMPLE_MS);
  const started = performance.now();
  const state = { bytes: 0, isOver: false };
  const downloading = download(server, furnished, format, state).finally(() => {
    state.isOver = true;
    clearInterval(sampling);
  });
  const beside: PacedOutcome[] = [];
  const loading = (async () => {
    while (!state.isOver) beside.push(await runPaced(context, server, furnished));
  })();
  await downloading;
  const seconds = (performance.now() - started) / 1000;
  await loading;
  return { bytes: state.bytes, seconds, grownMb: highestMb - before, highestMb, quiet, beside };
}

/** Rejects where the answer is not whole. */
async function download(
  { url }: Started,
  { rootToken }: Furnished,
  format: string,
  state: { bytes: number },
): Promise<void> {
  const path = `/admin/v1/tenants/${tenantSlug(1)}/audit/export?format=${format}`;
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${rootToken}` } });
  if (!response.ok || response.body === null) throw new Error(`the export was answered ${response.status}`);
  for await (const part of response.body) state.bytes += part.byteLength;
  await pause(SAMPLE_MS);
}

/** Adds those that are not there yet, so that a kept database is filled once. */
async function addEntries({ env }: Furnished, count: number): Promise<void> {
  const failed = (error: Error) => {
    throw error;
  };
  const { vault } = await openVault(readConfig(env), {
    log: createLog('warn', false),
    observer: { batchCommitted: () => {}, batchFailed: failed, storageLost: failed },
    showRootToken: false,
  });
  try {
    const { there } = await vault.engine.read
      .selectFrom('audit_entries')
      .select((of) => of.fn.countAll<number>().as('there'))
      .executeTakeFirstOrThrow();
    const view = (number: number) => ({
      name: `App ${number}`,
      description: 'What a program is called, and what it is for',
      services: ['openai', 'mail'],
      allowed_ips: [`10.0.${number % 256}.0/24`, '2001:db8::/32'],
      expires_at: null,
      enabled: number % 2 === 0,
      updated_at: new Date(1.7e12 + number).toISOString(),
    });
    await addAuditEntries(vault.engine, tenantSlug(1), { count: Math.max(0, count - there), after: view });
    await vault.engine.tidy();
  } finally {
    await vault.engine.close();
  }
}
