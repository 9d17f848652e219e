/** Header fields that may be there once: Node keeps the first of several, so they are counted as they were sent. */
import type { IncomingMessage } from 'node:http';

/** How often a request has a field; `name` in lower case. */
export function countHeader(request: IncomingMessage, name: string): number {
  const { rawHeaders } = request;
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at] as string;
    if (header.length === name.length && header.toLowerCase() === name) count++;
  }
  return count;
}

/** The values of a field, in the order in which they were sent; `name` in lower case. */
export function fieldValues(request: IncomingMessage, name: string): string[] {
  const { rawHeaders } = request;
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at] as string;
    if (header.length === name.length && header.toLowerCase() === name) {
      values.push(rawHeaders[at + 1] as string);
    }
  }
  return values;
}

/** The value of a field; null where it is missing, or there twice. `name` in lower case. */
export function singleField(request: IncomingMessage, name: string): string | null {
  const [value = null, ...others] = fieldValues(request, name);
  return others.length === 0 ? value : null;
}

/** RFC 9112, section 3.2: one Host and no more; HTTP/1.0 may do without. */
export function hasOneHost(request: IncomingMessage): boolean {
  if (request.headers.host === undefined) return request.httpVersionMinor === 0;
  return countHeader(request, 'host') === 1;
}
