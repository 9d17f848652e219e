import { endOfString, skipSpace } from './json-array.ts';

/**
 * The first member that is twice in one object of a JSON text, or null: `JSON.parse` would take the last of them and say
 * nothing. The text must be one that `JSON.parse` takes.
 */
export function repeatedMember(text: string): string | null {
  /** The members so far of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(null);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = endOfString(text, at);
        const seen = open.at(-1);
        if (seen && text[skipSpace(text, end + 1)] === ':') {
          const name: string = JSON.parse(text.slice(at, end + 1));
          if (seen.has(name)) return name;
          seen.add(name);
        }
        at = end;
      }
    }
  }
  return null;
}
