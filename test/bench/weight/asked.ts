/** What is asked for. */
import { serviceSlug } from '../dataset/shape.ts';
import type { Asked } from '../load.ts';
import type { Furnished } from './databases.ts';

/** A service of a tenant, both counted from 1, with the tenant's client token or its app's. */
export function askedFor(
  { tokens }: Furnished,
  tenant: number,
  service: number,
  by: 'client' | 'app',
): Asked {
  const { clientToken = '', appToken = '' } = tokens[tenant - 1] ?? {};
  return {
    path: `/api/next?service=${serviceSlug(service)}`,
    token: by === 'client' ? clientToken : appToken,
  };
}

/** The hot service alone. */
export function hot(furnished: Furnished): Asked[] {
  return [askedFor(furnished, 1, 1, 'app')];
}

/** So many services in turns; neighbours in the list are of different tenants. */
export function inTurns(furnished: Furnished, count: number): Asked[] {
  const { length } = furnished.tokens;
  return Array.from({ length: count }, (_, at) =>
    askedFor(furnished, 1 + (at % length), 1 + Math.floor(at / length), 'client'),
  );
}
