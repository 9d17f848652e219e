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
export function fieldValues(request: IncomingMessage, name: string): readonly string[] {
  return valuesOfFields(request, [name])[0] ?? [];
}

/** The values of each of these fields, found in one go; undefined where there is none. `names` in lower case. */
export function valuesOfFields(
  { rawHeaders }: IncomingMessage,
  names: readonly string[],
): readonly (readonly string[] | undefined)[] {
  const found: (string[] | undefined)[] = names.map(() => undefined);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at] as string;
    for (let which = 0; which < names.length; which++) {
      const name = names[which] as string;
      if (header.length !== name.length || header.toLowerCase() !== name) continue;
      const value = rawHeaders[at + 1] as string;
      const values = found[which];
      if (values === undefined) found[which] = [value];
      else values.push(value);
    }
  }
  return found;
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
