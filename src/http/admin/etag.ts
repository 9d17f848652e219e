/** Entity tags (RFC 9110, section 8.8.3): of what PATCH can change, and of nothing that a delivery moves. */
import { createHash } from 'node:crypto';
import { Problem } from '../../domain/problem.ts';
import type { Precondition } from '../../operations/precondition.ts';

const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** A strong entity tag of these members of a view. */
export function entityTag(view: object, members: readonly string[]): string {
  const values = Object.entries(view).filter(([name]) => members.includes(name));
  const sorted = values.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `"${createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 22)}"`;
}

/**
 * What an If-Match header asks for (RFC 9110, section 13.1.1): `*`, or one of several tags, compared strongly. Without the
 * header, nothing. Throws a Problem for a header that cannot be read.
 */
export function ifMatch(header: string | undefined, members: readonly string[]): Precondition {
  if (header === undefined || header.trim() === '*') return () => {};
  const tags = header.split(',').map((tag) => tag.trim());
  if (!tags.every((tag) => ENTITY_TAG.test(tag))) {
    throw new Problem('invalid request', 'If-Match takes the ETag of an answer, in its quotes.');
  }
  return (current) => {
    if (tags.includes(entityTag(current, members))) return;
    throw new Problem(
      'precondition failed',
      'It was changed since you read it: read it again, and repeat the change upon what is there now.',
    );
  };
}
