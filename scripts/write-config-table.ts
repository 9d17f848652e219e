/**
 * Writes the README's configuration table between its markers, from the variables in src/config/variables.ts. With `--check`
 * it writes nothing, and exits with 1 where the table is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { VARIABLES } from '../src/config/variables.ts';

const README = new URL('../README.md', import.meta.url);
const MARKED = /(<!-- configuration\b[^>]*-->\n)[\s\S]*?(<!-- \/configuration -->)/;

function table(): string {
  const rows = Object.entries(VARIABLES).map(([name, { default: fallback, about }]) => {
    const shown = fallback === null ? 'none' : fallback === '' ? 'empty' : `\`${fallback}\``;
    return `| \`${name}\` | ${shown} | ${about.replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | |', '|---|---|---|', ...rows, ''].join('\n');
}

const text = readFileSync(README, 'utf8');
if (!MARKED.test(text)) throw new Error('README.md has no markers for the configuration table');
const upToDate = text.replace(MARKED, (_, begin: string, end: string) => `${begin}${table()}${end}`);
if (upToDate !== text) {
  if (process.argv.includes('--check')) {
    console.error(
      'README.md: the configuration table is out of date: run `node scripts/write-config-table.ts`',
    );
    process.exitCode = 1;
  } else {
    writeFileSync(README, upToDate);
  }
}
