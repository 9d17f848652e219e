/**
 * The service as `src/main.ts` runs it, but that its jobs wait to be asked for, on the socket of BENCH_CONTROL:
 * `POST /prune?days=N` removes what is older, and answers when nothing is; `POST /count` answers how many deliveries there are.
 */
import { createServer } from 'node:http';
import { readConfig } from '../../../src/config/config.ts';
import { prune } from '../../../src/operations/upkeep/prune.ts';
import { createLog } from '../../../src/service/log.ts';
import { startService } from '../../../src/service/service.ts';

const service = await startService(readConfig(), {
  log: createLog('warn', false),
  showRootToken: false,
  jobs: false,
  onStorageLost: () => process.exit(74),
});
const { vault } = service.jobs;
const stopping = new AbortController();

const control = createServer((request, response) => {
  answer(new URL(request.url ?? '/', 'http://control')).then(
    (count) => response.end(String(count)),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
control.listen(process.env.BENCH_CONTROL);
process.on('SIGTERM', () => {
  stopping.abort();
  control.close();
  service.stop().then(() => process.exit(0));
});
process.stdout.write(`the service serves at ${service.url}\n`);

async function answer({ pathname, searchParams }: URL): Promise<number> {
  if (pathname === '/prune') await runPrune(Number(searchParams.get('days')));
  const { count } = await vault.engine.read
    .selectFrom('deliveries')
    .select((of) => of.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

async function runPrune(days: number): Promise<void> {
  const engine = await vault.engine.lead();
  if (engine === null) throw new Error('another one leads');
  await prune({ ...vault, engine }, { days, deliveries: null }, engine.time(), stopping.signal);
}
