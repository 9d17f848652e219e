/** What the document says of a route of the administration beyond what the route itself says. */
import type { z } from 'zod';

export interface Operation {
  /** The name of the operation for generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** An example of the body that it takes. */
  readonly takes?: object;
  /** The bodies that it takes where no schema of the route checks them, by media type. */
  readonly bodies?: Readonly<Record<string, { readonly schema: z.ZodType; readonly example: unknown }>>;
  readonly answer: Answer;
  /** Of a DELETE: that it may be a 409. Every POST may, for its Idempotency-Key. */
  readonly conflicts?: true;
}

/** Method and path, as in routes.ts → what is said of it. */
export type Operations = Readonly<Record<string, Operation>>;

export interface Answer {
  readonly status: 200 | 201 | 202 | 204;
  /** By media type; a 204 has none. */
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType; readonly example: unknown }>>;
}

/** What was asked for. */
export function shown(schema: z.ZodType, example: object): Answer {
  return { status: 200, content: { 'application/json': { schema, example } } };
}

/** What was made. */
export function made(schema: z.ZodType, example: object): Answer {
  return { status: 201, content: { 'application/json': { schema, example } } };
}

/** It is gone. */
export const GONE: Answer = { status: 204, content: {} };

/** The example of a list that has one page. */
export function onePage(...data: object[]): object {
  return { data, next_cursor: null };
}

/** When the things of the examples were made. */
export const MADE_AT = '2026-03-01T12:00:00.000Z';
