/**
 * Writes src/http/openapi/openapi.json from the contract and the table of routes. With `--check` it writes nothing, and exits
 * with 1 where the file is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from '../src/http/openapi/document.ts';

const FILE = new URL('../src/http/openapi/openapi.json', import.meta.url);

const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
if (text !== readFileSync(FILE, { encoding: 'utf8', flag: 'a+' })) {
  if (process.argv.includes('--check')) {
    console.error('src/http/openapi/openapi.json is not what the code says: run npm run openapi');
    process.exitCode = 1;
  } else {
    writeFileSync(FILE, text);
  }
}
