const MAX_LENGTH = 63;
const HYPHEN = 0x2d;

/**
 * Whether `text` is a slug, by which tenants, services and groups are addressed: 1 to 63 characters `a`-`z`, `0`-`9`
 * and `-`, with no `-` at either end (`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`). Never throws; at most 63 steps,
 * whatever the text.
 */
export function isSlug(text: string): boolean {
  const last = text.length - 1;
  if (last < 0 || last >= MAX_LENGTH) return false;
  for (let i = 0; i <= last; i++) {
    const code = text.charCodeAt(i);
    const alphanumeric = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
    if (!alphanumeric && (code !== HYPHEN || i === 0 || i === last)) return false;
  }
  return true;
}
