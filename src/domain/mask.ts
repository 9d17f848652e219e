const BULLETS = '\u2022'.repeat(24);
const MAX_PREFIX = 3;
const MAX_TAIL = 4;

/** Whether the UTF-16 units at `index` and `index + 1` are the two halves of one code point. */
function isPairAt(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
}

function codePointCount(text: string): number {
  let count = text.length;
  for (let i = 0; i + 1 < text.length; i++) if (isPairAt(text, i)) count--;
  return count;
}

/** The vendor prefix: up to and with the first `-` or `_`, cut at three code points; empty without a separator. */
function vendorPrefix(key: string): string {
  const dash = key.indexOf('-');
  const underscore = key.indexOf('_');
  const separator = dash < 0 || (underscore >= 0 && underscore < dash) ? underscore : dash;
  if (separator < 0) return '';
  let end = 0;
  for (let points = 0; points < MAX_PREFIX && end <= separator; points++) end += isPairAt(key, end) ? 2 : 1;
  return key.slice(0, end);
}

/** The last `count` code points of `text`, which has at least as many. */
function lastCodePoints(text: string, count: number): string {
  let start = text.length;
  for (let points = 0; points < count; points++) start -= start > 1 && isPairAt(text, start - 2) ? 2 : 1;
  return text.slice(start);
}

/**
 * A provider key as it may be shown: vendor prefix, exactly 24 bullets (U+2022), last four characters, as in
 * `sk-••••••••••••••••••••••••zzZZ`. Never shows more than a third of the key's code points (rounded down): where it
 * would, the prefix is left out, and where the tail alone is still too much, the tail is shortened. The number of
 * bullets says nothing about the length of the key. Surrogate pairs are kept whole; never throws.
 */
export function maskKey(key: string): string {
  const mayShow = Math.floor(codePointCount(key) / 3);
  const prefix = vendorPrefix(key);
  const tail = lastCodePoints(key, Math.min(MAX_TAIL, mayShow));
  return codePointCount(prefix) + MAX_TAIL <= mayShow ? prefix + BULLETS + tail : BULLETS + tail;
}
