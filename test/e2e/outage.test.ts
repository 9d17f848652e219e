/** What an operator sees of a database that goes away and comes back: probes, metrics, and a log that can be read. */
import { expect, test } from 'vitest';
import { createMigratedDatabase } from '../support/postgres-database.ts';
import { throughPort } from '../support/postgres-failures.ts';
import { replicaOptions } from '../support/replicas.ts';
import { runService } from '../support/run-service.ts';
import { tempFolder } from '../support/storage-room.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';

test('an outage is one line in the log when it begins and one when it is over, and everything says the same of it', async () => {
  const database = await createMigratedDatabase();
  const { hostname, port } = new URL(database.url);
  const proxy = await createTcpProxy({ host: hostname, port: Number(port) });
  const { cwd, env } = replicaOptions(tempFolder(), throughPort(database.url, proxy.port));
  const service = await runService({ cwd, env: { ...env, LOG_LEVEL: 'info' } });
  try {
    const lines = () =>
      service.output.stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ msg }) => !['serving', 'answered'].includes(msg));
    const seen = async () => {
      const statusOf = async (path: string) => (await fetch(service.url + path)).status;
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      const gauge = /^keyrotator_ready (\d)$/m.exec(metrics)?.[1];
      return [await statusOf('/healthz'), await statusOf('/readyz'), gauge];
    };
    const timeout = { timeout: 15_000, interval: 100 };
    await expect.poll(seen, timeout).toEqual([200, 200, '1']);
    const before = lines().length;
    proxy.refuse(true);
    proxy.cut();
    await expect.poll(seen, timeout).toEqual([200, 503, '0']);
    // Until each of the jobs that run every second has failed more than once.
    const failures = async () => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      return Number(/^keyrotator_job_failures_total\{name="enable-due"\} (\d+)$/m.exec(text)?.[1]);
    };
    await expect.poll(failures, timeout).toBeGreaterThan(2);
    proxy.refuse(false);
    await expect.poll(seen, timeout).toEqual([200, 200, '1']);
    await expect.poll(() => lines().at(-1)?.msg, timeout).toBe('storage works again');
    expect(lines().slice(before)).toEqual([
      expect.objectContaining({
        msg: 'storage failed: deliveries are refused until it works again',
        code: 'CONNECTION_LOST',
        error: expect.any(String),
      }),
      expect.objectContaining({ msg: 'storage works again', seconds: expect.any(Number) }),
    ]);
    expect(service.output.stderr).not.toContain('"stack"');
  } finally {
    await service.end('SIGKILL');
  }
});
