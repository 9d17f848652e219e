/** What is generated from the code and committed, is what the code says, and a document that other tools take. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { PROJECT } from '../support/markdown.ts';
import { openApiText } from '../support/openapi-document.ts';

const run = promisify(execFile);
const FILE = 'src/http/openapi/openapi.json';

it('the OpenAPI document is that of the code', () => {
  const upToDate = openApiText === `${JSON.stringify(openApiDocument(), null, 2)}\n`;
  expect(upToDate, `${FILE} is not what the code says: run npm run openapi`).toBe(true);
});

it('the types of its clients are those of the document', async () => {
  const program = 'scripts/openapi-types/write-types.ts';
  const { stderr } = await run(process.execPath, [program, '--check'], { cwd: PROJECT }).catch(
    (error: { stderr: string }) => error,
  );
  expect(stderr).toBe('');
});

it('Redocly finds nothing wrong with the document', async () => {
  const args = ['node_modules/@redocly/cli/bin/cli.js', 'lint', FILE, '--format=json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { stdout } = await run(process.execPath, args, { cwd: PROJECT, env }).catch(
    (error: { stdout: string }) => error,
  );
  const { problems } = JSON.parse(stdout);
  expect(problems.map(({ ruleId, message }: Record<string, string>) => `${ruleId}: ${message}`)).toEqual([]);
});
