import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { newWebhookSecret, signatures } from '../../../src/webhooks/sign.ts';

const secret = newWebhookSecret(new Uint8Array(32).fill(7));
const other = newWebhookSecret(new Uint8Array(32).fill(9));
const now = Math.floor(Date.now() / 1000);

function headers(signature: string, id = 'msg_1', timestamp = now) {
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature };
}

describe('a webhook secret', () => {
  test('is whsec_ and the base64 of its 32 bytes', () => {
    expect(newWebhookSecret(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(
      'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
    );
  });

  test.each([0, 24, 31, 33, 64])('is not made of %d bytes', (length) => {
    expect(() => newWebhookSecret(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe('a webhook signature', () => {
  test('is accepted by the Standard Webhooks library for any secret, id and body', () => {
    const id = fc.stringMatching(/^[\w-]{1,40}$/);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        id,
        fc.jsonValue(),
        (bytes, message, value) => {
          const own = newWebhookSecret(bytes);
          const body = JSON.stringify(value);
          const signed = headers(signatures([own], message, now, body), message);
          expect(new Webhook(own).verify(body, signed)).toEqual(JSON.parse(body));
        },
      ),
    );
  });

  test('is the HMAC of id, timestamp and body in UTF-8 under the decoded secret', () => {
    const body = '{"name":"Schlüssel 🔑"}';
    const hmac = createHmac('sha256', Buffer.alloc(32, 7))
      .update(`msg_1.1700000000.${body}`)
      .digest('base64');
    expect(signatures([secret], 'msg_1', 1_700_000_000, body)).toBe(`v1,${hmac}`);
  });

  test('satisfies the holder of the old and of the new secret while both sign', () => {
    const signature = signatures([secret, other], 'msg_1', now, '{}');
    expect(signature).toMatch(/^v1,[\w+/=]{44} v1,[\w+/=]{44}$/);
    expect(new Webhook(secret).verify('{}', headers(signature))).toEqual({});
    expect(new Webhook(other).verify('{}', headers(signature))).toEqual({});
  });

  test('does not hold for another secret, id, time or body', () => {
    const signature = signatures([secret], 'msg_1', now, '{}');
    const verify = (key: string, body: string, id?: string, at?: number) => () =>
      new Webhook(key).verify(body, headers(signature, id, at));
    expect(verify(other, '{}')).toThrow(WebhookVerificationError);
    expect(verify(secret, '[]')).toThrow(WebhookVerificationError);
    expect(verify(secret, '{}', 'msg_2')).toThrow(WebhookVerificationError);
    expect(verify(secret, '{}', 'msg_1', now + 1)).toThrow(WebhookVerificationError);
  });

  test('is not made without a secret, for half a second, or for an id that no header can carry or that could be read in two ways', () => {
    expect(() => signatures([], 'msg_1', now, '{}')).toThrow(RangeError);
    expect(() => signatures([secret], 'msg_1', now + 0.5, '{}')).toThrow(RangeError);
    for (const id of ['', 'msg.1', 'msg 1', 'msg\r\nx: y', 'é']) {
      expect(() => signatures([secret], id, now, '{}'), id).toThrow(RangeError);
    }
  });
});
