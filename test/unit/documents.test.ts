/** What the documents say is what the program does: tables are held against the code that they describe. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { newAdminToken } from '../../src/contract/admin-tokens.ts';
import { newApp } from '../../src/contract/apps.ts';
import { newEmail } from '../../src/contract/emails.ts';
import { newGroup } from '../../src/contract/groups.ts';
import { newKey } from '../../src/contract/keys.ts';
import { newService } from '../../src/contract/services.ts';
import { newTenant } from '../../src/contract/tenants.ts';
import { newWebhook } from '../../src/contract/webhooks.ts';
import { EVENT_TYPES } from '../../src/domain/event-type.ts';
import { POLICIES } from '../../src/domain/policy.ts';
import { PERMISSIONS } from '../../src/domain/roles.ts';
import { ROUTES } from '../../src/http/admin/routes.ts';
import { PROBLEM_STATUS, REFUSAL_STATUS } from '../../src/http/errors.ts';
import {
  between,
  codeBlocks,
  inBackticks,
  PROJECT,
  readDocument,
  section,
  tableRows,
} from '../support/markdown.ts';
import { startVault } from '../support/start-vault.ts';

const README = readDocument('README.md');
const API = readDocument('docs/api.md');
const DOCUMENTS = [
  ...readdirSync(PROJECT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(PROJECT, 'docs')).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])),
];

/** As GitHub makes them. */
function anchors(document: string): string[] {
  return [...document.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function statusTable(text: string): Record<string, number> {
  return Object.fromEntries(
    tableRows(text).map(([status, error = '']) => [inBackticks(error)[0] ?? error, Number(status)]),
  );
}

test.each(DOCUMENTS)('every link in %s leads to something', (path) => {
  const document = readDocument(path);
  const links = [...document.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  const broken = links.filter((link) => {
    if (/^https:\/\//.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(PROJECT, target))) return true;
    return anchor !== undefined && !anchors(readDocument(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(DOCUMENTS)('in %s every file that a secret is written to is kept from others', (path) => {
  const secrets = /(?:openssl rand|--quiet|pg_dump -|signing-secret|_(?:KEY|TOKEN)=).* >>? ?\S/;
  for (const { text } of codeBlocks(readDocument(path))) {
    const lines = text.split('\n');
    const written = lines.findIndex((line) => secrets.test(line));
    if (written < 0) continue;
    const masked = lines.findIndex((line) => /\bumask 077\b/.test(line));
    expect(masked >= 0 && masked <= written, lines[written]).toBe(true);
  }
});

describe('the README', () => {
  test('lists the errors of a delivery, each with its status', () => {
    expect(statusTable(between(README, 'errors'))).toEqual(REFUSAL_STATUS);
  });

  test('lists the routes of the administration, each with its verbs', () => {
    const listed = tableRows(between(README, 'routes')).flatMap(([paths = '', verbs = '']) => {
      const [collection = '', ...rest] = inBackticks(paths);
      const written = [collection, ...rest].map((path) => path.replace('…', '/tenants/:tenant'));
      // A row for a list and its members: POST is the list's, PATCH and DELETE are the members'.
      const [list = '', member = list] = written;
      if (verbs !== 'GET POST PATCH DELETE')
        return written.flatMap((path) => verbs.split(' ').map((verb) => `${verb} ${path}`));
      return [`GET ${list}`, `POST ${list}`, `GET ${member}`, `PATCH ${member}`, `DELETE ${member}`];
    });
    expect(listed.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  test('lists the policies', () => {
    const listed = tableRows(section(README, 'Policies')).map(([policy = '']) => inBackticks(policy)[0]);
    expect(listed).toEqual(POLICIES);
  });

  test('has an up-to-date table of the configuration', () => {
    const script = join(PROJECT, 'scripts/write-config-table.ts');
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('names a test for each promise', () => {
    const rows = tableRows(section(README, 'What it promises'));
    expect(rows.length).toBeGreaterThan(0);
    for (const [, promise, tests] of rows) expect(tests, promise).toMatch(/\(test\/[\w/-]+\.test\.ts\)/);
  });

  test('names only commands of npm that there are', () => {
    const { scripts } = JSON.parse(readDocument('package.json'));
    const named = [...README.matchAll(/npm (?:run )?(start|test|(?<=run )[\w-]+)/g)].map((match) => match[1]);
    expect(new Set(named)).toEqual(
      new Set(['start', 'test', 'migrate', 'bench', 'backup', 'restore', 'root-token']),
    );
    for (const name of named) expect(scripts).toHaveProperty(name ?? '');
  });
});

describe('docs/api.md', () => {
  test('names every member of an answer', async () => {
    const vault = await startVault();
    const made = async (path: string, body: object) => (await vault.admin('POST', path, body)).body;
    const tenant = await made('/tenants', { slug: 'acme' });
    const key = { label: 'a', key: 'sk-0123456789abcdef' };
    const answers = {
      'Admin tokens': await made('/tenants/acme/admin-tokens', { name: 'a', role: 'owner' }),
      Tenants: tenant,
      Services: await made('/tenants/acme/services', { slug: 's' }),
      Keys: await made('/tenants/acme/services/s/keys', key),
      Apps: await made('/tenants/acme/apps', { name: 'a' }),
      Groups: await made('/tenants/acme/groups', { slug: 'g' }),
      Webhooks: await made('/tenants/acme/webhooks', { url: 'https://example.com', events: ['*'] }),
      Emails: await made('/tenants/acme/emails', { address: 'a@example.com', events: ['*'] }),
    };
    for (const [heading, answer] of Object.entries(answers)) {
      expect(answer).toHaveProperty('id');
      const named = inBackticks(section(API, heading));
      expect(Object.keys(answer).filter((name) => !named.includes(name))).toEqual([]);
    }
    await vault.next('service=s', { token: tenant.client_token });
    const { body } = await vault.admin('GET', '/tenants/acme/services/s/deliveries');
    const named = inBackticks(section(API, 'Services'));
    expect(Object.keys(body.data[0]).filter((name) => !named.includes(name))).toEqual([]);
    await vault.stop();
  });

  test('lists the errors of the administration, each with its status', () => {
    expect(statusTable(section(API, 'What all of it shares'))).toEqual(PROBLEM_STATUS);
  });

  test('says who may do what', () => {
    const rules = Object.values(PERMISSIONS).map(({ means, roles }) => [means, roles.join(', ')]);
    expect(tableRows(section(API, 'Roles')).slice(-rules.length)).toEqual(rules);
  });

  test('says elsewhere of each event when it comes', () => {
    const named = inBackticks(readDocument('docs/events.md'));
    expect([...EVENT_TYPES].filter((type) => !named.includes(type))).toEqual([]);
  });

  test('lists the events', () => {
    const rows = tableRows(section(API, 'Webhooks')).map(([name = '']) => inBackticks(name)[0] ?? '');
    expect(rows.filter((name) => name.includes('.'))).toEqual(EVENT_TYPES);
  });

  test.each([
    ['Admin tokens', newAdminToken],
    ['Tenants', newTenant],
    ['Services', newService],
    ['Keys', newKey],
    ['Apps', newApp],
    ['Groups', newGroup],
    ['Webhooks', newWebhook],
    ['Emails', newEmail],
  ] as const)('%s: lists every member with its default', (heading, schema) => {
    const rows = tableRows(section(API, heading)).filter(([name = '']) => !name.includes('.'));
    const listed = Object.fromEntries(rows.map(([name = '', value = '']) => [inBackticks(name)[0], value]));
    const members = Object.entries<z.ZodType>(schema.shape).map(([name, member]) => {
      const { success, data } = member.safeParse(undefined);
      return [
        name,
        success && data !== undefined ? `\`${JSON.stringify(data)}\`` : expect.not.stringContaining('`'),
      ];
    });
    expect(listed).toEqual(Object.fromEntries(members));
  });
});
