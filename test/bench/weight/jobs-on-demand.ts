/**
 * The service as `src/main.ts` runs it, but that its jobs wait to be asked for: `POST /prune?days=N` on the socket of
 * BENCH_CONTROL removes what is older, and answers how many deliveries went, and in how many milliseconds.
 */
import { createServer } from 'node:http';
import { readConfig } from '../../../src/config/config.ts';
import { prune } from '../../../src/operations/prune.ts';
import { createLog } from '../../../src/service/log.ts';
import { startService } from '../../../src/service/service.ts';

const service = await startService(readConfig(), {
  log: createLog('warn', false),
  showRootToken: false,
  jobs: false,
  onStorageLost: () => process.exit(74),
});
const { vault } = service.jobs;

const control = createServer((request, response) => {
  const days = Number(new URL(request.url ?? '/', 'http://control').searchParams.get('days'));
  runPrune(days).then(
    (outcome) => response.end(JSON.stringify(outcome)),
    (error: Error) => response.writeHead(500).end(JSON.stringify({ error: error.message })),
  );
});
control.listen(process.env.BENCH_CONTROL);
process.on('SIGTERM', () => {
  control.close();
  service.stop().then(() => process.exit(0));
});
process.stdout.write(`the service serves at ${service.url}\n`);

async function runPrune(days: number): Promise<{ pruned: number; ms: number }> {
  const started = performance.now();
  const engine = await vault.engine.lead();
  if (engine === null) throw new Error('another one leads');
  const pruned = await prune({ ...vault, engine }, days, engine.time());
  return { pruned, ms: performance.now() - started };
}
