import { createAddressGuard, type Resolve } from '../../src/webhooks/address-guard.ts';
import { createWebhookSender, type Message, type SenderOptions } from '../../src/webhooks/send.ts';
import { newWebhookSecret } from '../../src/webhooks/sign.ts';

export const testSecret = newWebhookSecret(new Uint8Array(32).fill(7));

/** A sender that may reach 127.0.0.1, where the receivers of the tests are, and no other inside address. */
export function testSender(resolve?: Resolve, options: Partial<SenderOptions> = {}) {
  const guard = createAddressGuard(['127.0.0.1'], resolve);
  return createWebhookSender({ guard, version: '1.2.3', ...options });
}

export function testMessage(url: string, change: Partial<Message> = {}): Message {
  const timestamp = Math.floor(Date.now() / 1000);
  return { url, id: 'msg_1', timestamp, body: '{"type":"webhook.test"}', secrets: [testSecret], ...change };
}

/** Answers every name with the next of these lists of addresses, and with the last for ever. */
export function resolvingInTurn(...turns: readonly (readonly string[])[]): Resolve {
  let asked = 0;
  return async () => {
    const addresses = turns[Math.min(asked, turns.length - 1)] ?? [];
    asked += 1;
    return addresses.map((address) => ({ address }));
  };
}
