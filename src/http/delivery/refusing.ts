/** How whoever asks for a key, or reports on one, is refused: counted, and at a pace. */
import type { ServerResponse } from 'node:http';
import type { Pace } from '../../domain/pace.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { RefusedFor } from '../../operations/delivery/delivery-outcome.ts';
import type { Engine } from '../../storage/engine.ts';
import { FAILED_AUTHENTICATIONS, type FailedAuthentications } from '../failed-authentications.ts';
import { waitForTurn } from '../paces.ts';
import { sendRefusal } from './render.ts';

const INVALID_TOKEN = refuse('invalid token');

export interface RefusalObserver {
  refused(
    requestId: string,
    refusal: Refusal,
    who: RefusedFor | null,
    network: string,
    seconds: number,
  ): void;
}

export interface RefusingContext {
  readonly engine: Engine;
  readonly failedAuthentications: FailedAuthentications;
  readonly refusals: Pace;
  readonly observer: RefusalObserver;
}

/** A request that is being answered; `started` on the monotonic clock of the process. */
export interface Asked {
  readonly requestId: string;
  readonly network: string;
  readonly started: number;
}

/** `who`: null where nobody is known for it. */
export async function refuseKnown(
  { observer, refusals }: RefusingContext,
  response: ServerResponse,
  { requestId, network, started }: Asked,
  refusal: Refusal,
  who: RefusedFor | null,
): Promise<void> {
  observer.refused(requestId, refusal, who, network, secondsSince(started));
  await waitForTurn(refusals, who === null ? network : `tenant ${who.tenant_id}`);
  sendRefusal(response, requestId, refusal);
}

/** A failed authentication: the same answer for all of them, until there were too many from one network. */
export async function refuseUnknown(
  context: RefusingContext,
  response: ServerResponse,
  { requestId, network, started }: Asked,
): Promise<void> {
  const wait = context.failedAuthentications.charge(network, context.engine.time().now);
  const refusal =
    wait === 0
      ? INVALID_TOKEN
      : refuse('rate limit exceeded', {
          name: 'auth',
          quota: FAILED_AUTHENTICATIONS.limit,
          window_seconds: FAILED_AUTHENTICATIONS.windowMs / 1000,
          retry_after_seconds: wait,
        });
  context.observer.refused(requestId, refusal, null, network, secondsSince(started));
  await context.failedAuthentications.turn(network);
  sendRefusal(response, requestId, refusal);
}

export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
