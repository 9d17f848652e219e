/** One load of a service, and what it cost the service. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Asked, Loaded, LoadTool } from '../load.ts';
import { readProcess } from '../machine.ts';
import type { Started } from '../stage.ts';

/** For what a load leaves behind to be over before the next. */
const SETTLE_MS = 250;

export interface Measured extends Loaded {
  /** CPU time of the service for each answer, in microseconds; NaN where the system does not tell. */
  readonly cpuMicros: number;
}

export async function measureLoad(
  tool: LoadTool,
  { url, pid }: Started,
  load: { readonly connections: number; readonly seconds: number; readonly spread: readonly Asked[] },
): Promise<Measured> {
  await pause(SETTLE_MS);
  const before = cpuSeconds(pid);
  const loaded = await tool.load({ url, token: '', ...load });
  return { ...loaded, cpuMicros: ((cpuSeconds(pid) - before) * 1_000_000) / loaded.succeeded };
}

function cpuSeconds(pid: number): number {
  return readProcess(pid)?.cpuSeconds ?? Number.NaN;
}
