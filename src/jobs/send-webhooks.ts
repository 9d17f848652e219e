import type { WebhookDispatcher } from '../operations/send-webhooks.ts';

/** Sends every event that is due, by the dispatcher's clock. */
export function runOnce(dispatcher: WebhookDispatcher): Promise<void> {
  return dispatcher.runOnce();
}
