/**
 * `GET /api/next`: a plain handler in front of Express, since every request of a backend passes through it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientFacts } from '../../domain/client-rules.ts';
import { type Address, clientNetwork } from '../../domain/network.ts';
import type { Pace } from '../../domain/pace.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { parseTokenKind } from '../../domain/token-format.ts';
import { type DeliverKeyContext, deliverKey } from '../../operations/deliver-key.ts';
import {
  type BrokenKey,
  brokenKeysOf,
  type DeliveryOutcome,
  type RefusedFor,
} from '../../operations/delivery-outcome.ts';
import { FAILED_AUTHENTICATIONS, type FailedAuthentications } from '../failed-authentications.ts';
import { waitForTurn } from '../paces.ts';
import { parseDeliveryRequest } from './parse-request.ts';
import { readSignature } from './read-signature.ts';
import { renderDelivered, sendDelivered, sendMethodNotAllowed, sendRefusal } from './render.ts';

const INVALID_TOKEN = refuse('invalid token');
const STORAGE_UNAVAILABLE = refuse('storage unavailable');

export interface DeliveryHandlerContext extends DeliverKeyContext {
  readonly failedAuthentications: FailedAuthentications;
  readonly refusals: Pace;
  addressOf(request: IncomingMessage): Address | null;
  clientOf(request: IncomingMessage, address: Address | null): ClientFacts;
  readonly observer: DeliveryObserver;
}

/** Told of each request when it is decided; `seconds` is how long that took. */
export interface DeliveryObserver {
  delivered(requestId: string, seconds: number): void;
  refused(
    requestId: string,
    refusal: Refusal,
    who: RefusedFor | null,
    network: string,
    seconds: number,
  ): void;
  failed(requestId: string, error: Error, seconds: number): void;
  /** Keys did not decrypt, and are left out from now on; told once of each. */
  broken(requestId: string, keys: readonly BrokenKey[]): void;
  /** The data key of a tenant does not unwrap; told of each request that this refuses. */
  dataKeyFailed(requestId: string, tenantId: number): void;
}

/** Whether a path is the delivery's. */
export function isDeliveryPath(path: string): boolean {
  return path === '/api/next' || path === '/api/next.php';
}

/** Answers a request whose path {@link isDeliveryPath}. Never rejects. */
export async function handleDelivery(
  context: DeliveryHandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  query: string,
): Promise<void> {
  const started = performance.now();
  if (request.method !== 'GET') return sendMethodNotAllowed(response, requestId);
  const parsed = parseDeliveryRequest(request, query);
  const address = context.addressOf(request);
  const network = clientNetwork(address);
  if ('reason' in parsed) {
    context.observer.refused(requestId, parsed, null, network, secondsSince(started));
    await waitForTurn(context.refusals, network);
    return sendRefusal(response, requestId, parsed);
  }
  const kind = parseTokenKind(parsed.token);
  if (kind !== 'client' && kind !== 'app') {
    return refuseUnknown(context, response, requestId, network, started);
  }
  let outcome: DeliveryOutcome;
  try {
    const client = () => context.clientOf(request, address);
    const signature = request.headers['x-signature'] === undefined ? null : await readSignature(request);
    const signed = signature === null ? {} : { signature };
    outcome = await deliverKey(context, { ...parsed, address, client, ...signed });
  } catch (error) {
    context.observer.failed(requestId, error as Error, secondsSince(started));
    return sendRefusal(response, requestId, STORAGE_UNAVAILABLE);
  }
  if (outcome.brokenKeys.length > 0) context.observer.broken(requestId, brokenKeysOf(outcome));
  if (outcome.refusal === null) {
    context.observer.delivered(requestId, secondsSince(started));
    const { answer } = outcome;
    return sendDelivered(response, requestId, renderDelivered(answer));
  }
  const { refusal, refusedFor } = outcome;
  if (outcome.dataKeyFailed && refusedFor !== null)
    context.observer.dataKeyFailed(requestId, refusedFor.tenant_id);
  if (refusal.reason === 'invalid token') {
    return refuseUnknown(context, response, requestId, network, started);
  }
  context.observer.refused(requestId, refusal, refusedFor, network, secondsSince(started));
  await waitForTurn(context.refusals, refusedFor === null ? network : `tenant ${refusedFor.tenant_id}`);
  sendRefusal(response, requestId, refusal);
}

/** A failed authentication: the same answer for all of them, until there were too many from one network. */
async function refuseUnknown(
  context: DeliveryHandlerContext,
  response: ServerResponse,
  requestId: string,
  network: string,
  started: number,
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

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
