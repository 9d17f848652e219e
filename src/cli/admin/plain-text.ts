/** Text from elsewhere, made safe for a terminal. */

/** Control characters, line ends of Unicode, and what turns the direction of writing or is never seen. */
const UNSAFE =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text on one line, with nothing in it that a terminal would obey: such characters are written out, as `\u001b`. */
export function plainText(text: string): string {
  return text.replace(UNSAFE, (character) => NAMED[character] ?? escaped(character));
}

/** The same for several lines. JSON means the same afterwards. */
export function plainLines(json: string): string {
  return json.replace(UNSAFE, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

/** As in JSON, in which a character beyond the first 65,536 is two. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
