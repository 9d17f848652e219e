/** The header fields of answers, and how they are referred to. */
import type { oas31 } from 'zod-openapi';

const field = (description: string, schema: oas31.SchemaObject = { type: 'string' }) => ({
  description,
  schema,
});

export const HEADERS: Readonly<Record<string, oas31.HeaderObject>> = {
  'X-Request-Id': field('Leads to the log.'),
  ETag: field('Of what PATCH can change: for `If-Match`.'),
  Location: field('The path of what was made.'),
  'Idempotent-Replayed': field('`true` where this is the answer of the first time.'),
  'WWW-Authenticate': field('Which token to send.'),
  'Retry-After': field('Seconds until it may be tried again.', { type: 'integer', minimum: 1 }),
  RateLimit: field('The limit that refused: what is left, and when there is more.'),
  'RateLimit-Policy': field('The limit that refused: quota and window.'),
};

export function headers(...names: string[]): Record<string, oas31.ReferenceObject> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
