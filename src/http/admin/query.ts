/** The query of a request: what a route takes, and which page of a list is asked for. */
import type { Request } from 'express';
import { z } from 'zod';
import { Problem } from '../../domain/problem.ts';
import { decodeCursor, decodePlace, type Page } from '../../operations/paging.ts';
import type { Route } from './route.ts';

const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;
/** How much is repeated of what was sent. */
const NAMES_SHOWN = 3;
const LONGEST_NAME = 100;

/** Throws a Problem that names what the route does not take, and what it does: a misspelt filter would else ask for everything. */
export function requireKnown(route: Route, query: Readonly<Record<string, unknown>>): void {
  const known = takenBy(route);
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name.slice(0, LONGEST_NAME)));
  const more = unknown.length > named.length ? ['…'] : [];
  const takes = known.length === 0 ? 'no parameters' : new Intl.ListFormat('en').format(known);
  throw new Problem(
    'invalid request',
    `A query parameter is not known: ${[...named, ...more].join(', ')}. This route takes ${takes}.`,
  );
}

/** Throws a Problem where limit or cursor is none. A cursor is good for the path that gave it, and for no other. */
export function pageFrom(route: Route, { query, params }: Request): Page {
  const list = route.path.replaceAll(/:(\w+)/g, (_, name: string) => String(params[name]));
  const { limit, cursor } = query;
  if (
    limit !== undefined &&
    (typeof limit !== 'string' ||
      !/^\d{1,3}$/.test(limit) ||
      !(Number(limit) >= 1 && Number(limit) <= MAX_LIMIT))
  ) {
    throw new Problem('invalid request', `limit is a whole number from 1 to ${MAX_LIMIT}, sent once.`);
  }
  if (cursor !== undefined && typeof cursor !== 'string')
    throw new Problem('invalid request', 'cursor is sent once.');
  return {
    list,
    limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
    after: cursor === undefined || route.list === 'by place' ? null : decodeCursor(cursor, list),
    place: cursor === undefined || route.list !== 'by place' ? null : decodePlace(cursor, list),
  };
}

function takenBy({ query, list }: Route): string[] {
  const own = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
  return list !== undefined ? [...own, 'limit', 'cursor'] : own;
}
