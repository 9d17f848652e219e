/**
 * Writes test/support/openapi-types.ts, the types of the tests' client, from the OpenAPI document. With `--check` it writes
 * nothing, and exits with 1 where the file is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const DOCUMENT = new URL('../../src/http/openapi/openapi.json', import.meta.url);
const FILE = new URL('../../test/support/openapi-types.ts', import.meta.url);

// What has a default may be left out of a request.
const types = await openapiTS(DOCUMENT, { defaultNonNullable: false });
const text = `/** Written by npm run openapi. */\n${astToString(types)}`;
if (text !== readFileSync(FILE, { encoding: 'utf8', flag: 'a+' })) {
  if (process.argv.includes('--check')) {
    console.error('test/support/openapi-types.ts is not what the OpenAPI document says: run npm run openapi');
    process.exitCode = 1;
  } else {
    writeFileSync(FILE, text);
  }
}
