import type { WebhookDispatcher } from '../operations/webhooks/send-webhooks.ts';
import type { Engine } from '../storage/engine.ts';

/** Starts sending every event that is due, by the dispatcher's clock; the next run need not wait for slow receivers. */
export function runOnce(dispatcher: WebhookDispatcher, leader: Engine): Promise<void> {
  return dispatcher.start(leader);
}
