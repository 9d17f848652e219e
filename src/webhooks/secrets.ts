/**
 * The secrets that a webhook signs with, as the one text that is sealed: the current one, and those before it with their
 * end. Being one text, none of them can be put in the place of another.
 */

/** `validUntil` in Unix milliseconds. */
export interface PreviousSecret {
  readonly secret: string;
  readonly validUntil: number;
}

export interface WebhookSecrets {
  readonly current: string;
  /** Newest first. */
  readonly previous: readonly PreviousSecret[];
}

export function readSecrets(text: string): WebhookSecrets {
  const [current = '', ...others] = text.split('\n');
  const previous = others.map((line) => {
    const [secret = '', end] = line.split(' ');
    return { secret, validUntil: Number(end) };
  });
  return { current, previous };
}

export function writeSecrets({ current, previous }: WebhookSecrets): string {
  return [current, ...previous.map(({ secret, validUntil }) => `${secret} ${validUntil}`)].join('\n');
}

/** Those to sign with at `now`, the current one first. */
export function validSecrets({ current, previous }: WebhookSecrets, now: number): string[] {
  return [current, ...previous.filter(({ validUntil }) => now < validUntil).map(({ secret }) => secret)];
}

/** `next` in the place of the current one, which and all before it serve on until `until`, or their own end where that is sooner. */
export function replaceSecret(
  secrets: WebhookSecrets,
  next: string,
  until: number,
  now: number,
): WebhookSecrets {
  const previous = [{ secret: secrets.current, validUntil: until }, ...secrets.previous]
    .map(({ secret, validUntil }) => ({ secret, validUntil: Math.min(validUntil, until) }))
    .filter(({ validUntil }) => now < validUntil);
  return { current: next, previous };
}
