/** A provider of API keys over real HTTP: it limits keys at random times, revokes one, and fails altogether for a while. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, fetch } from 'undici';
import { seeded } from './random.ts';

const SECOND = 1_000;

/** From `from` up to but not including `until`, Unix milliseconds. */
interface Span {
  readonly from: number;
  readonly until: number;
}

export interface ProviderPlan {
  readonly seed: number;
  readonly keys: readonly string[];
  /** Of the whole simulation. */
  readonly span: Span;
  /** How much of the time a key is limited, and for how many seconds at a time at most. */
  readonly limited: { readonly share: number; readonly longest: number };
  readonly outage: Span;
  readonly revoked: { readonly key: string; readonly from: number };
  now(): number;
}

export interface Provider {
  /** Calls it with a key, as a client would. */
  call(key: string): Promise<{ readonly status: number; readonly retryAfter: number | null }>;
  /** Whether there is a key now that would be served. */
  serves(): boolean;
  readonly answers: Readonly<Record<number, number>>;
  close(): Promise<void>;
}

/** What it does at a time depends on the plan alone, not on the order of requests. */
export async function startProvider(plan: ProviderPlan): Promise<Provider> {
  const limits = new Map(plan.keys.map((key, at) => [key, limitsOf(plan, plan.seed + at)]));
  const answers: Record<number, number> = {};

  function answerTo(key: string, now: number): { status: number; retryAfter: number | null } {
    const has = ({ from, until }: Span) => now >= from && now < until;
    if (has(plan.outage)) return { status: 503, retryAfter: null };
    if (key === plan.revoked.key && now >= plan.revoked.from) return { status: 401, retryAfter: null };
    const limit = limits.get(key)?.find(has);
    if (limit === undefined) return { status: limits.has(key) ? 200 : 401, retryAfter: null };
    return { status: 429, retryAfter: Math.ceil((limit.until - now) / SECOND) };
  }

  const server = createServer((request, response) => {
    const key = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const { status, retryAfter } = answerTo(key, plan.now());
    answers[status] = (answers[status] ?? 0) + 1;
    response.writeHead(status, retryAfter === null ? {} : { 'retry-after': String(retryAfter) }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const dispatcher = new Agent();

  return {
    answers,
    async call(key) {
      const { status, headers } = await fetch(url, {
        headers: { authorization: `Bearer ${key}` },
        dispatcher,
      });
      const wait = headers.get('retry-after');
      return { status, retryAfter: wait === null ? null : Number(wait) };
    },
    serves: () => plan.keys.some((key) => answerTo(key, plan.now()).status === 200),
    async close() {
      await dispatcher.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Times at which a key is limited, which take up their share of the whole. */
function limitsOf({ span, limited }: ProviderPlan, seed: number): Span[] {
  const random = seeded(seed);
  const spans: Span[] = [];
  for (let at = span.from; at < span.until; ) {
    const lasts = random.between(1, limited.longest) * SECOND;
    const pause = (lasts * (1 - limited.share)) / limited.share;
    const from = at + random.next() * 2 * pause;
    spans.push({ from, until: from + lasts });
    at = from + lasts;
  }
  return spans;
}
