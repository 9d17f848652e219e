import type { ClientFacts } from '../../src/domain/client-rules.ts';

/** A client that says nothing of itself. */
export const PLAIN_CLIENT = (): ClientFacts => ({
  origin: null,
  referrer: null,
  userAgent: null,
  country: () => null,
  https: false,
});
