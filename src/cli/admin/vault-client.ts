/** Speaks HTTP with a vault. Follows no redirect: a token goes where it was sent and nowhere else. */
import { setTimeout as pause } from 'node:timers/promises';
import { failureOf, type Problem, unreachable } from './answer-failure.ts';
import { EXIT, Failure } from './failure.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface VaultRequest {
  readonly method: Method;
  /** From the root of the vault on, each part of it encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly content: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Further headers of each try: what it is about to send for, as the vault gets it. */
  readonly sign?: (method: Method, target: string) => Readonly<Record<string, string>>;
  /**
   * `always`: it may be sent again whatever became of it; `refused`: where it was answered that it cannot be done now;
   * `never`: not by itself.
   */
  readonly repeat: 'always' | 'refused' | 'never';
  readonly timeoutSeconds?: number;
  /** What to do next, by the `error` of a refusal, in place of what is said of it elsewhere. */
  readonly advice?: Readonly<Record<string, string>>;
  /** Members of the body that were typed as arguments, and not as options. */
  readonly arguments?: readonly string[];
}

const TRIES = 4;
/** A vault that asks for more is not waited for. */
const LONGEST_WAIT_SECONDS = 20;
const TIMEOUT_SECONDS = 60;

export class VaultClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** The answer of a success. Throws a {@link Failure} for any other. */
  async send(request: VaultRequest): Promise<Response> {
    for (let tries = 1; ; tries++) {
      const outcome = await this.#try(request);
      if (outcome instanceof Response && outcome.ok) return outcome;
      const { failure, waitSeconds } = await judge(outcome, request, this.#url, tries);
      if (waitSeconds === null || tries === TRIES) throw failure;
      await pause(waitSeconds * 1000);
    }
  }

  /** The parsed body of a success, which has to be JSON, and its headers. */
  async json(request: VaultRequest): Promise<{ text: string; headers: Headers }> {
    const response = await this.send(request);
    if (!isJson(response)) throw noVault(this.#url);
    return { text: await textOf(response, this.#url), headers: response.headers };
  }

  async #try({
    method,
    path,
    query,
    body,
    headers,
    sign,
    timeoutSeconds = TIMEOUT_SECONDS,
  }: VaultRequest): Promise<Response | Error> {
    const parameters = new URLSearchParams(query);
    const target = `${path}${parameters.size === 0 ? '' : `?${parameters}`}`;
    try {
      return await fetch(`${this.#url}${target}`, {
        method,
        redirect: 'manual',
        headers: {
          accept: 'application/json, */*;q=0.5',
          authorization: `Bearer ${this.#token}`,
          ...(body === undefined ? {} : { 'content-type': body.type }),
          ...headers,
          ...sign?.(method, target),
        },
        ...(body === undefined ? {} : { body: body.content }),
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      });
    } catch (error) {
      return error as Error;
    }
  }
}

/** What came of a request that did not succeed, and how long to wait until it may be sent again; null: not at all. */
async function judge(
  outcome: Response | Error,
  request: VaultRequest,
  url: string,
  tries: number,
): Promise<{ failure: Failure; waitSeconds: number | null }> {
  const { repeat } = request;
  if (outcome instanceof Error) {
    const { failure, wasSent } = unreachable(outcome, url, repeat === 'always');
    return { failure, waitSeconds: wasSent && repeat === 'always' ? 2 ** (tries - 1) : null };
  }
  if (outcome.status >= 300 && outcome.status < 400) {
    return {
      failure: new Failure(
        EXIT.protocol,
        `${url} redirects elsewhere: set KEYROTATOR_URL to the address of the vault itself`,
      ),
      waitSeconds: null,
    };
  }
  const problem = await problemOf(outcome);
  if (problem === null) return { failure: noVault(url, outcome.status), waitSeconds: null };
  const retryAfter = secondsOf(outcome.headers.get('retry-after'));
  const failure = failureOf(outcome.status, problem, retryAfter, request);
  if (repeat === 'never') return { failure, waitSeconds: null };
  // The first of the tries may still be under way where its answer was lost.
  if (outcome.status === 409 && repeat === 'always' && tries > 1)
    return { failure, waitSeconds: 2 ** (tries - 1) };
  const isLater = outcome.status === 429 || outcome.status === 503;
  return {
    failure,
    waitSeconds:
      isLater && retryAfter !== null && retryAfter <= LONGEST_WAIT_SECONDS ? Math.max(retryAfter, 1) : null,
  };
}

/** What a Retry-After says in seconds; null where it says nothing that a vault would. */
function secondsOf(retryAfter: string | null): number | null {
  return /^\d{1,7}$/.test(retryAfter ?? '') ? Number(retryAfter) : null;
}

async function problemOf(response: Response): Promise<Problem | null> {
  try {
    const body = (await response.json()) as Partial<Problem> | null;
    return typeof body?.error === 'string' ? (body as Problem) : null;
  } catch {
    return null;
  }
}

/** All of an answer. Throws a {@link Failure} where it ends short. */
export async function textOf(response: Response, url: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(error as Error, url, true).failure;
  }
}

function isJson(response: Response): boolean {
  return /^application\/(?:[a-z.+-]+\+)?json(?:;|$)/i.test(response.headers.get('content-type') ?? '');
}

function noVault(url: string, status?: number): Failure {
  const how = status === undefined ? '' : ` (${status})`;
  return new Failure(EXIT.protocol, `what answers at ${url} is no KeyRotator${how}: look at KEYROTATOR_URL`);
}
