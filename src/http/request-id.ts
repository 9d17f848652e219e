/** Ids by which a request is found in the logs: unique across restarts, and cheap. */
import { randomBytes } from 'node:crypto';

const PREFIX = `req_${randomBytes(9).toString('base64url')}_`;
let last = 0;

export function newRequestId(): string {
  return PREFIX + (++last).toString(36);
}
