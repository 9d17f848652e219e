/** Starts a service and times it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Stage, Started } from '../stage.ts';

const READY_MS = 60_000;

/** Resolves once `/readyz` answers 200; `readyMs` is counted from the start of the process. */
export async function startReady(
  stage: Stage,
  env: Readonly<Record<string, string>>,
  module = 'src/main.ts',
): Promise<{ server: Started; readyMs: number }> {
  const startedAt = performance.now();
  const server = await stage.startServer(module, env);
  for (;;) {
    const { status } = await fetch(`${server.url}/readyz`);
    const readyMs = performance.now() - startedAt;
    if (status === 200) return { server, readyMs };
    if (readyMs > READY_MS) throw new Error(`${module} was not ready after ${READY_MS} ms: ${status}`);
    await pause(5);
  }
}
