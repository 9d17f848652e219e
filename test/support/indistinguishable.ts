/** Another's object and one that never existed must be answered alike, down to the byte. */
import { expect } from 'vitest';
import type { Reply, TestVault } from './start-vault.ts';

/** Calls both paths and fails where the answers differ in anything but the request's id and the date. */
export async function expectSameNotFound(
  vault: TestVault,
  method: string,
  anothers: string,
  missing: string,
  body?: unknown,
): Promise<void> {
  const one = await vault.admin(method, anothers, body);
  const other = await vault.admin(method, missing, body);
  expect(one.status, `${method} ${anothers}`).toBe(404);
  expectSame(one, other);
}

/** Fails where the answers differ in anything but the request's id and the date. */
export function expectSame(one: Reply, other: Reply): void {
  expect(withoutRequestId(one)).toEqual(withoutRequestId(other));
}

function withoutRequestId({ status, headers, text, body }: Reply) {
  const id = String(body.request_id);
  const own = new Set(['x-request-id', 'date', 'content-length']);
  return {
    status,
    headers: [...headers].filter(([name]) => !own.has(name)),
    text: text.replaceAll(id, 'the request id'),
  };
}
