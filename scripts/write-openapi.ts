/** Writes src/http/openapi/openapi.json, which the service serves, from the contract and the table of routes. */
import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../src/http/openapi/document.ts';

const FILE = new URL('../src/http/openapi/openapi.json', import.meta.url);
writeFileSync(FILE, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
