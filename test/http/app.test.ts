import { afterEach, beforeEach, expect, it } from 'vitest';
import { startVault, type TestVault } from '../support/start-vault.ts';
import { NO_CERTIFICATE } from '../support/tested-tls.ts';

const logLines: string[] = [];
let vault: TestVault;

beforeEach(async () => {
  logLines.length = 0;
  vault = await startVault({ env: NO_CERTIFICATE, logLines });
});
afterEach(() => vault.stop());

it('an answer over plain HTTP asks no browser for TLS', async () => {
  for (const path of ['/healthz', '/admin/v1/tenants', '/nowhere']) {
    const { headers } = await vault.request(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(headers.has('strict-transport-security')).toBe(false);
  }
});

it('no page from elsewhere may read an answer, or ask first whether it may', async () => {
  const origin = 'https://app.example.com';
  const asked = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
  const authorization = `Bearer ${vault.rootToken}`;
  for (const path of ['/api/next?service=a', '/admin/v1/whoami', '/openapi.json', '/docs', '/healthz']) {
    for (const [method, headers] of [
      ['GET', { origin, authorization }],
      ['OPTIONS', { origin, ...asked }],
    ] as const) {
      const reply = await vault.request(path, { method, headers });
      const fields = [...reply.headers.keys()].filter((name) => name.startsWith('access-control-'));
      expect(fields, `${method} ${path}`).toEqual([]);
    }
  }
});

it('the log says how long an answer took, to the millisecond', async () => {
  for (let n = 0; n < 5; n++) await vault.request('/metrics');
  const answered = logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
  expect(answered).toHaveLength(5);
  for (const { seconds } of answered) expect(String(seconds)).toMatch(/^\d+(?:\.\d{1,3})?$/);
});
