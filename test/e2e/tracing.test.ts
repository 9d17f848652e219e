import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { childEnv } from '../support/child-env.ts';
import { startCollector } from '../support/collector.ts';
import { runService } from '../support/run-service.ts';

const PROGRAM = fileURLToPath(new URL('../support/loaded-packages.ts', import.meta.url));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'keyrotator-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function packagesLoaded(env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], {
    env: {
      ...childEnv(),
      PORT: '0',
      KEYROTATOR_DEMO: 'false',
      DATABASE_URL: `sqlite:${join(folder(), 'keyrotator.db')}`,
      ...env,
    },
  });
  return JSON.parse(stdout);
}

test('nothing of OpenTelemetry is loaded where no collector is configured, but what prom-client brings', async () => {
  expect(await packagesLoaded({})).toEqual(['@opentelemetry/api']);
  expect(await packagesLoaded({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })).toContain(
    '@opentelemetry/sdk-trace',
  );
});

test('each run of a job is a trace, and what is left is sent before the program ends', async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  const service = await runService({ cwd: folder(), env: collector.env });
  await vi.waitFor(() => expect(collector.spans().map(({ name }) => name)).toContain('job enable-due'), {
    timeout: 10_000,
    interval: 100,
  });
  await fetch(`${service.url}/api/next?service=last`);
  expect(await service.end('SIGTERM')).toBe(0);
  const last = collector.spans().filter(({ name }) => name === 'GET /api/next');
  expect(last).toMatchObject([{ attributes: { 'http.response.status_code': 400 } }]);
});
