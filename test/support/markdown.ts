/** Reads the parts of a Markdown document that tests hold against the program. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  /** The text of the heading that it stands under. */
  readonly heading: string;
  readonly language: string;
  readonly text: string;
}

/** A document of the project, by its path there. */
export function readDocument(path: string): string {
  return readFileSync(`${PROJECT}/${path}`, 'utf8');
}

/** Every fenced code block, in order. */
export function codeBlocks(document: string): Block[] {
  const found: Block[] = [];
  let heading = '';
  for (const match of document.matchAll(/^#+ (.+)$|^```(\S*)\n([\s\S]*?)^```$/gm)) {
    if (match[1] !== undefined) heading = match[1];
    else found.push({ heading, language: match[2] ?? '', text: match[3] ?? '' });
  }
  return found;
}

/** The one block of that language under that heading. */
export function codeBlock(document: string, heading: string, language: string): string {
  const found = codeBlocks(document).filter(
    (block) => block.heading === heading && block.language === language,
  );
  if (found.length !== 1)
    throw new Error(`${found.length} blocks of ${language} under "${heading}": one was expected`);
  return found[0]?.text ?? '';
}

/** The lines under a heading, up to the next one. */
export function section(document: string, heading: string): string {
  const start = document.search(new RegExp(`^#+ ${heading}$`, 'm'));
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const body = document.slice(document.indexOf('\n', start) + 1);
  const end = body.search(/^#+ /m);
  return end < 0 ? body : body.slice(0, end);
}

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
export function between(document: string, name: string): string {
  const text = new RegExp(`<!-- ${name}\\b[^>]*-->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(document)?.[1];
  if (text === undefined) throw new Error(`the document has no markers for ${name}`);
  return text;
}

/** The cells of the rows of every table in `text`, without heads and rules. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line, at) => {
    const isHead = /^\|[-:| ]+\|$/.test(lines[at + 1] ?? '');
    if (!line.startsWith('|') || /^\|[-:| ]+\|$/.test(line) || isHead) return [];
    return [
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    ];
  });
}

/** The pieces of `text` that stand in backticks. */
export function inBackticks(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}
