/** A value that cannot be kept as it was sent, and where it is. */
export interface Unkeepable {
  readonly path: readonly string[];
  readonly detail: string;
}

const HALF = 'half of a character (a lone surrogate): send whole ones';

/**
 * What of a JSON value would be lost or become something else in silence, though its schema takes it: text that has no
 * UTF-8, and a member that a JavaScript object does not take as one. Repeats nothing of the value but the path.
 */
export function unkeepable(value: unknown, path: readonly string[] = []): Unkeepable[] {
  if (typeof value === 'string') return value.isWellFormed() ? [] : [{ path, detail: `holds ${HALF}` }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const at = [...path, name];
    if (name === '__proto__') return [{ path: at, detail: 'has a name that cannot be used' }];
    if (!name.isWellFormed()) return [{ path: at, detail: `has a name with ${HALF}` }];
    return unkeepable(member, at);
  });
}
