const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** Blank, line feed, carriage return, tab. */
const SPACE = [0x20, 0x0a, 0x0d, 0x09];

/**
 * The elements of a JSON array (RFC 8259), one after the other, each as its own text: so that a large array need not be
 * parsed at one go. Whether an element is JSON is for `JSON.parse` to say, and no text that is no JSON array passes both:
 * one where brackets, commas or quotes are wrong throws a SyntaxError, here or there. An element, with the space around it,
 * has at most `longest` characters, and more are not looked at: a RangeError. Neither error holds anything of the text.
 */
export function* splitJsonArray(text: string, longest: number): Generator<string, void> {
  const boundFrom = (at: number) => Math.min(text.length, at + longest + 1);
  const skipFrom = (from: number) => {
    const bound = boundFrom(from);
    const at = skipSpace(text, from, bound);
    if (at === bound && bound < text.length) throw endless(text, bound);
    return at;
  };
  let at = skipFrom(0);
  if (text[at] !== '[') throw new SyntaxError('not an array');
  at = skipFrom(at + 1);
  const empty = text[at] === ']';
  while (!empty) {
    const end = endOfElement(text, at, boundFrom(at));
    yield text.slice(at, end);
    at = end;
    if (text[at] === ']') break;
    at++;
  }
  if (skipFrom(at + 1) !== text.length) throw new SyntaxError('something follows the array');
}

/** Where the element that begins at `at` ends: at the comma or the closing bracket behind it, before `bound`. */
function endOfElement(text: string, at: number, bound: number): number {
  let depth = 0;
  for (let i = at; i < bound; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i, bound);
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
  throw endless(text, bound);
}

/**
 * Where the string that begins with the quote at `at` has its closing one, before `bound`. Throws a SyntaxError where the text
 * ends before it does, and a RangeError where `bound` comes first.
 */
export function endOfString(text: string, at: number, bound = text.length): number {
  for (let i = at + 1; i < bound; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  throw endless(text, bound);
}

/** Where the space that begins at `from` ends, at `bound` at the latest. */
export function skipSpace(text: string, from: number, bound = text.length): number {
  let at = from;
  while (at < bound && SPACE.includes(text.charCodeAt(at))) at++;
  return at;
}

function endless(text: string, bound: number): Error {
  return bound < text.length
    ? new RangeError('an element is too long')
    : new SyntaxError('an array or a string does not end');
}
