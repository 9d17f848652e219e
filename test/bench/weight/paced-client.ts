/**
 * Asks for keys at an even pace, whether or not those before were answered, and prints as JSON how long the answers took
 * from when they were due. Takes a file with what is to be asked.
 */
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Asked } from '../load.ts';
import { quantile } from '../statistics.ts';

export interface Paced extends Asked {
  readonly url: string;
  readonly perSecond: number;
  readonly seconds: number;
}

export interface PacedOutcome {
  readonly answers: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  readonly failed: number;
}

const { url, path, token, perSecond, seconds }: Paced = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
);
const agent = new Agent({ keepAlive: true });
const headers = { authorization: `Bearer ${token}` };
const times: number[] = [];
let failed = 0;

function ask(dueAt: number): Promise<void> {
  return new Promise((resolve) => {
    const fail = () => {
      failed += 1;
      resolve();
    };
    get(url + path, { agent, headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode !== 200) return fail();
        times.push(performance.now() - dueAt);
        resolve();
      });
    }).once('error', fail);
  });
}

const startedAt = performance.now();
const asked: Promise<void>[] = [];
for (let number = 0; number < perSecond * seconds; number += 1) {
  const dueAt = startedAt + (number * 1000) / perSecond;
  const wait = dueAt - performance.now();
  if (wait > 0) await pause(wait);
  asked.push(ask(dueAt));
}
await Promise.all(asked);
agent.destroy();
const outcome: PacedOutcome = {
  answers: times.length,
  p50Ms: quantile(times, 0.5),
  p99Ms: quantile(times, 0.99),
  longestMs: quantile(times, 1),
  failed,
};
process.stdout.write(JSON.stringify(outcome));
