/** What the log of attempts says of them. */
import type { Insertable } from 'kysely';
import type { WebhookAttemptsTable } from '../../storage/rows.ts';
import type { Pending } from '../../storage/tables/webhook-queue.ts';
import { holdsSecret } from '../../webhooks/holds-secret.ts';
import type { SendResult } from '../../webhooks/send.ts';

/** What was sent, when, and what became of it. */
export interface Sent {
  readonly event: Pending;
  /** When the attempt began, in Unix milliseconds. */
  readonly at: number;
  /** Its answer holds no secret of the endpoint. */
  readonly result: SendResult;
}

/**
 * The attempts of a window to be logged: all of them, but of deliveries that were taken at once only the last, where the
 * window was `full`: they come faster than a log of them is of use.
 */
export function loggable(sent: readonly Sent[], full: boolean): Sent[] {
  if (!full) return [...sent];
  const quiet = ({ event, result }: Sent) => event.source === 'delivery' && !event.queued && result.ok;
  const last = sent.findLast(quiet);
  return sent.filter((each) => !quiet(each) || each === last);
}

export function logRow(webhookId: number, { event, at, result }: Sent): Insertable<WebhookAttemptsTable> {
  return {
    webhook_id: webhookId,
    source: event.source,
    seq: event.seq,
    event_id: event.event_id,
    type: event.type,
    attempt: event.attempts + 1,
    at,
    status: result.status,
    latency_ms: result.latencyMs,
    error: result.ok ? null : result.error,
    answer: result.answer,
  };
}

/** Less of a secret than this at the end of a text that was cut off says nothing of it. */
const LEAST = 8;

/**
 * The text without the secrets, as they are shown or without their prefix: a receiver may answer with anything that it knows.
 * The start of one at the very end, where the text was cut off, goes too. Of a text that holds one in another form nothing is left.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const clean = withoutPlain(
    text,
    secrets.map((secret) => secret.replace(/^whsec_/, '')),
  );
  return secrets.some((secret) => holdsSecret(clean, secret)) ? '[the answer held the secret]' : clean;
}

function withoutPlain(text: string, bare: readonly string[]): string {
  const clean = bare.reduce((left, secret) => left.replaceAll(secret, '[secret]'), text);
  for (const secret of bare) {
    for (let length = secret.length - 1; length >= LEAST; length--) {
      if (clean.endsWith(secret.slice(0, length))) return `${clean.slice(0, -length)}[secret]`;
    }
  }
  return clean;
}
