const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * The elements of a JSON array (RFC 8259), one after the other, each as its own text: so that a large array need not be
 * parsed at one go. Whether an element is JSON is for `JSON.parse` to say, and no text that is no JSON array passes both:
 * one where brackets, commas or quotes are wrong throws a SyntaxError, here or there. The error holds nothing of the text.
 */
export function* splitJsonArray(text: string): Generator<string, void> {
  let at = skipSpace(text, 0);
  if (text[at] !== '[') throw new SyntaxError('not an array');
  at = skipSpace(text, at + 1);
  const empty = text[at] === ']';
  while (!empty) {
    const end = endOfElement(text, at);
    yield text.slice(at, end);
    at = end;
    if (text[at] === ']') break;
    at++;
  }
  if (skipSpace(text, at + 1) !== text.length) throw new SyntaxError('something follows the array');
}

/** Where the element that begins at `at` ends: at the comma or the closing bracket behind it. */
function endOfElement(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        break;
      case 0x5d: // ]
        if (depth === 0) return i;
        depth--;
        break;
      case 0x7d: // }
        if (depth === 0) throw new SyntaxError('an object ends that has not begun');
        depth--;
        break;
      case COMMA:
        if (depth === 0) return i;
    }
  }
  throw new SyntaxError('the array does not end');
}

/** Where the string that begins with the quote at `at` has its closing one. */
export function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  throw new SyntaxError('a string does not end');
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}
