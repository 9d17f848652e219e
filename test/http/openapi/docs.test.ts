/** The reference page: all that it loads comes from here, and its policy would let nothing else in. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startVault, type TestVault } from '../../support/start-vault.ts';

let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
});

afterAll(() => vault.stop());

/** What a page refers to. */
function references(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, reference = '']) => reference);
}

it('is there without a token, and so is every file that it loads', async () => {
  const page = await vault.request('/docs');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const loaded = references(page.text).map((reference) => new URL(reference, `${vault.url}/docs`));
  expect(loaded.map(({ pathname }) => pathname).toSorted()).toEqual([
    '/docs/favicon-32x32.png',
    '/docs/initializer.js',
    '/docs/swagger-ui-bundle.js',
    '/docs/swagger-ui.css',
    '/openapi.json',
  ]);
  for (const { origin, pathname } of loaded) {
    expect(origin).toBe(vault.url);
    const { status, headers } = await vault.request(pathname);
    expect([status, headers.get('cache-control')], pathname).toEqual([200, 'no-store']);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

it('has a policy under which nothing inline, nothing evaluated and nothing from elsewhere runs', async () => {
  for (const path of ['/docs', '/docs/initializer.js', '/docs/swagger-ui-bundle.js']) {
    const { headers } = await vault.request(path);
    const policy = headers.get('content-security-policy') ?? '';
    const directives = Object.fromEntries(
      policy.split(';').map((directive) => {
        const [name = '', ...sources] = directive.trim().split(' ');
        return [name, sources.join(' ')];
      }),
    );
    expect(directives).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
  }
  const { text } = await vault.request('/docs');
  expect(text).not.toMatch(/<style|<script(?![^>]*src=)|\son\w+=|style=/);
});

it('takes GET and nothing else, and has no other files', async () => {
  const post = await vault.request('/docs', { method: 'POST' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  for (const path of ['/docs/', '/docs/router.ts', '/docs/package.json', '/docs/..%2frouter.ts', '/Docs']) {
    expect((await vault.request(path)).status, path).toBe(404);
  }
});
