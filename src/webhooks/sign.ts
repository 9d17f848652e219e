import { Webhook } from 'standardwebhooks';

const SECRET_BYTES = 32;

/**
 * A webhook's secret as its owner sees it: `whsec_` and the base64 of 32 random bytes (Standard Webhooks, symmetric
 * secrets). The bytes must come from a cryptographic generator; any other number of them is a RangeError.
 */
export function newWebhookSecret(random: Uint8Array): string {
  if (random.length !== SECRET_BYTES) throw new RangeError(`a webhook secret takes ${SECRET_BYTES} bytes`);
  return `whsec_${Buffer.from(random).toString('base64')}`;
}

/**
 * The value of `webhook-signature`: one `v1,<base64 HMAC-SHA256 of id.timestamp.body>` per secret, separated by
 * spaces, in the order of the secrets, so that a receiver that knows any one of them accepts it (Standard Webhooks).
 * `timestamp` is in whole seconds since the epoch. Throws a RangeError without a secret, for a timestamp that is
 * not whole, and for an id that no header can carry or that has a full stop, which would make what is signed
 * ambiguous.
 */
export function signatures(secrets: readonly string[], id: string, timestamp: number, body: string): string {
  if (secrets.length === 0) throw new RangeError('a webhook needs a secret to sign with');
  if (!Number.isSafeInteger(timestamp)) throw new RangeError('a webhook timestamp is in whole seconds');
  if (!/^[!-~]+$/.test(id) || id.includes('.'))
    throw new RangeError('a webhook id is printable ASCII without a dot');
  const at = new Date(timestamp * 1000);
  return secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' ');
}
