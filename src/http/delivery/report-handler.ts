/** `POST /api/report`: a plain handler in front of Express, for clients report as often as they get keys. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientFacts } from '../../domain/client-rules.ts';
import type { ReportOutcome } from '../../domain/key-health.ts';
import { type Address, clientNetwork } from '../../domain/network.ts';
import { refuse } from '../../domain/refusal.ts';
import { isDeliveryToken } from '../../domain/token-format.ts';
import { type ReportAnswer, type ReportContext, reportKey } from '../../operations/reports/report-key.ts';
import { readReport } from './parse-report.ts';
import { parseToken } from './parse-request.ts';
import { signatureOver } from './read-signature.ts';
import {
  type RefusalObserver,
  type RefusingContext,
  refuseKnown,
  refuseUnknown,
  secondsSince,
} from './refusing.ts';
import { sendMethodNotAllowed, sendRefusal, sendReported } from './render.ts';

const STORAGE_UNAVAILABLE = refuse('storage unavailable');

export interface ReportHandlerContext extends ReportContext, RefusingContext {
  addressOf(request: IncomingMessage): Address | null;
  clientOf(request: IncomingMessage, address: Address | null): ClientFacts;
  readonly observer: ReportObserver;
}

/** Told of each report when it is decided. */
export interface ReportObserver extends RefusalObserver {
  reported(requestId: string, outcome: ReportOutcome): void;
  failed(requestId: string, error: Error, seconds: number): void;
}

/** Answers a request for `/api/report`. Never rejects. */
export async function handleReport(
  context: ReportHandlerContext,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  query: string,
): Promise<void> {
  const started = performance.now();
  if (request.method !== 'POST') return sendMethodNotAllowed(response, requestId, 'POST');
  const address = context.addressOf(request);
  const network = clientNetwork(address);
  const asked = { requestId, network, started };
  const credential = parseToken(request, query);
  if ('reason' in credential) return refuseKnown(context, response, asked, credential, null);
  const read = await readReport(request);
  if ('reason' in read) return refuseKnown(context, response, asked, read, null);
  if (!isDeliveryToken(credential.token)) return refuseUnknown(context, response, asked);
  const { delivery_id, outcome, status = null, retry_after_seconds = null } = read.body;
  let answer: ReportAnswer;
  try {
    const client = () => context.clientOf(request, address);
    const signature = signatureOf(request, read.bytes);
    answer = await reportKey(
      context,
      { token: credential.token, address, client, ...(signature === null ? {} : { signature }) },
      { delivery_id, outcome, status, retry_after_seconds, network, request_id: requestId },
    );
  } catch (error) {
    context.observer.failed(requestId, error as Error, secondsSince(started));
    return sendRefusal(response, requestId, STORAGE_UNAVAILABLE);
  }
  if (answer.refusal === null) {
    context.observer.reported(requestId, outcome);
    return sendReported(response, requestId, answer);
  }
  if (answer.refusal.reason === 'invalid token') return refuseUnknown(context, response, asked);
  await refuseKnown(context, response, asked, answer.refusal, answer.refusedFor);
}

function signatureOf(request: IncomingMessage, body: Buffer) {
  if (request.headers['x-signature'] === undefined) return null;
  return signatureOver(request, createHash('sha256').update(body).digest('hex'));
}
