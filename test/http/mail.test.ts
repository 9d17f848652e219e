/** Events by mail, to a real SMTP server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { newEvent } from '../../src/events/catalogue.ts';
import { MOST_EMAILS } from '../../src/operations/emails/emails.ts';
import { type Mailing, sendEmails } from '../../src/operations/emails/send-emails.ts';
import { addEvent } from '../../src/storage/tables/outbox.ts';
import { addTenant, call } from '../support/furnish.ts';
import { type MailReceiver, startMailReceiver } from '../support/smtp-receiver.ts';
import { startVault, type TestVault } from '../support/start-vault.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let receiver: MailReceiver;
let vault: TestVault;
let tenant = '';
let number = 0;
const logLines: string[] = [];

beforeAll(async () => {
  receiver = await startMailReceiver();
  vault = await startVault({
    logLines,
    env: {
      KEYROTATOR_SMTP_URL: `smtp://127.0.0.1:${receiver.port}`,
      KEYROTATOR_MAIL_DOMAINS: 'example.com, example.org',
    },
  });
});
afterAll(async () => {
  await vault.stop();
  await receiver.close();
});
beforeEach(async () => {
  tenant = `t${++number}`;
  await addTenant(vault, tenant);
  receiver.refuseWith = null;
  receiver.mails.length = 0;
});

const add = (address: string, events = ['*'], more = {}) =>
  call(vault, 'POST', `/tenants/${tenant}/emails`, { address, events, ...more });
const post = (body: object) => vault.admin('POST', `/tenants/${tenant}/emails`, body);
const show = (id: number) => call(vault, 'GET', `/tenants/${tenant}/emails/${id}`);
/** `app.disabled`, or `app.token_rotated`. */
async function raise(event: 'app.disabled' | 'app.token_rotated', reason = 'x'): Promise<number> {
  const { id } = await call(vault, 'POST', `/tenants/${tenant}/apps`, { name: 'A' });
  const [action, body] = event === 'app.disabled' ? ['disable', { reason }] : ['rotate-token', {}];
  await call(vault, 'POST', `/tenants/${tenant}/apps/${id}/${action}`, body);
  return id;
}
async function send(more: Partial<Mailing> = {}): Promise<number> {
  const { mailing } = vault.jobs;
  if (mailing === null) throw new Error('mail is not set up');
  return sendEmails(vault.engine, { ...mailing, ...more }, new AbortController().signal);
}
const headersOf = (raw: string) => raw.slice(0, raw.indexOf('\r\n\r\n'));

describe('an address', () => {
  it('hears of the events that it has picked, from then on, in plain text', async () => {
    await raise('app.disabled', 'before');
    await add('oncall@example.com', ['app.disabled']);
    await raise('app.token_rotated');
    const app = await raise('app.disabled', 'runs away: ünïcode');
    expect(await send()).toBe(1);
    expect(receiver.mails).toMatchObject([{ from: 'vault@example.com', to: ['oncall@example.com'] }]);
    const [{ raw = '' } = {}] = receiver.mails;
    expect(headersOf(raw)).toMatch(new RegExp(`^Subject: KeyRotator: app.disabled in ${tenant}$`, 'm'));
    expect(headersOf(raw)).toMatch(/^From: KeyRotator <vault@example.com>\r\nTo: oncall@example.com\r\n/m);
    expect(headersOf(raw)).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(headersOf(raw)).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    expect(raw).toContain(`app_id: ${app}`);
    expect(raw).toContain('=C3=BCn=C3=AFcode');
    expect(raw).not.toContain('app.token_rotated');
    expect(await send()).toBe(0);
  });

  it('gets at most one mail a minute, with everything since the one before', async () => {
    await add('oncall@example.com');
    await raise('app.disabled');
    expect(await send()).toBe(1);
    const app = await raise('app.token_rotated');
    for (let n = 1; n < 60; n++) await call(vault, 'POST', `/tenants/${tenant}/apps/${app}/rotate-token`, {});
    vault.advance(MINUTE - 1);
    expect(await send()).toBe(0);
    vault.advance(1);
    expect(await send()).toBe(1);
    vault.advance(MINUTE);
    expect(await send()).toBe(0);
    const subjects = receiver.mails.map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)?.[1]);
    expect(subjects).toEqual(['app.disabled', '60 events'].map((what) => `KeyRotator: ${what} in ${tenant}`));
  });

  it('hears of a burned key within a minute and ahead of the rest, whatever has piled up before', async () => {
    await add('oncall@example.com');
    const { id } = await vault.engine.read
      .selectFrom('tenants')
      .select('id')
      .where('slug', '=', tenant)
      .executeTakeFirstOrThrow();
    const at = vault.engine.time().now;
    await vault.engine.write('nothing', async (unit) => {
      for (let key_id = 1; key_id <= 3_000; key_id++)
        await addEvent(
          unit,
          newEvent('key.cooling', id, at, {
            tenant,
            service: 's',
            key_id,
            cooling_until: new Date(at).toISOString(),
            cause: 'same bucket',
            app_id: null,
          }),
        );
      const burned = { tenant, service: 's', key_id: 4_711, reason: 'leaked' };
      await addEvent(unit, newEvent('key.burned', id, at, burned));
    });
    expect(await send()).toBe(1);
    const raw = receiver.mails[0]?.raw.replaceAll('=\r\n', '') ?? '';
    expect(headersOf(raw)).toContain(`Subject: KeyRotator: key.burned among 3,001 events in ${tenant}`);
    expect(raw.indexOf('key_id: 4711')).toBeGreaterThan(0);
    expect(raw.indexOf('key.cooling =C3=97 3,000, last')).toBeGreaterThan(raw.indexOf('key_id: 4711'));
    expect(raw).toContain(
      'key_id: 3000, 2999, 2998, 2997, 2996, 2995, 2994, 2993, 2992, 2991 and 2,990 more',
    );
    expect(raw.length).toBeLessThan(2_000);
    vault.advance(MINUTE);
    expect(await send()).toBe(0);
  });

  it('is not written to sooner for being changed, switched off and on, or deleted and added again', async () => {
    let { id } = await add('victim@example.com');
    const path = () => `/tenants/${tenant}/emails/${id}`;
    const patch = (body: object) => call(vault, 'PATCH', path(), body);
    const ways = [
      () => patch({ enabled: true, description: 'changed' }),
      async () => {
        await patch({ enabled: false });
        await patch({ enabled: true });
      },
      async () => {
        await patch({ address: 'other@example.org' });
        await patch({ address: 'Victim@example.com' });
      },
      async () => {
        await call(vault, 'DELETE', path());
        ({ id } = await add('VICTIM@example.com'));
      },
    ];
    await raise('app.disabled');
    expect(await send()).toBe(1);
    for (const way of ways) {
      await way();
      await raise('app.disabled');
      expect([way.toString(), await send()]).toEqual([way.toString(), 0]);
      vault.advance(MINUTE - 1);
      expect([way.toString(), await send()]).toEqual([way.toString(), 0]);
      vault.advance(1);
      expect(await send()).toBe(1);
    }
    expect(receiver.mails).toHaveLength(ways.length + 1);
  });

  it('that a mail was not taken for is left alone for a minute, too, whoever adds it again', async () => {
    const { id } = await add('victim@example.com');
    await raise('app.disabled');
    receiver.refuseWith = 451;
    await send();
    const path = `/tenants/${tenant}/emails/${id}`;
    const { failing_since } = await call(vault, 'PATCH', path, {
      enabled: true,
      description: 'is on already',
    });
    expect(failing_since).not.toBeNull();
    receiver.refuseWith = null;
    await call(vault, 'DELETE', path);
    await add('victim@example.com');
    await raise('app.disabled');
    expect(await send()).toBe(0);
    vault.advance(MINUTE);
    expect(await send()).toBe(1);
  });

  it('that takes no mail is tried again later and later, under one id, and switched off after five days', async () => {
    const { id } = await add('oncall@example.com');
    await raise('app.disabled');
    receiver.refuseWith = 451;
    const tried = () => logLines.filter((line) => line.includes('a mail was not taken')).length;
    const before = tried();
    await send();
    expect((await show(id)).failing_since).not.toBeNull();
    const waits = [];
    for (let at = 1; at <= 4; at++) {
      const attempts = tried();
      let minutes = 0;
      while (tried() === attempts) {
        vault.advance(MINUTE);
        minutes++;
        await send();
      }
      waits.push(minutes);
    }
    expect([waits, tried() - before]).toEqual([[1, 2, 4, 8], 5]);
    receiver.refuseWith = null;
    vault.advance(HOUR);
    expect(await send()).toBe(1);
    expect(await show(id)).toMatchObject({ enabled: true, failing_since: null });

    receiver.refuseWith = 550;
    await raise('app.disabled');
    vault.advance(MINUTE);
    await send();
    vault.advance(5 * DAY);
    await send();
    const off = { enabled: false, disabled_reason: 'no mail to it was taken for five days' };
    expect(await show(id)).toMatchObject(off);
    receiver.refuseWith = null;
    vault.advance(HOUR);
    expect(await send()).toBe(0);
    await call(vault, 'PATCH', `/tenants/${tenant}/emails/${id}`, { enabled: true });
    expect(await send()).toBe(1);
    const { data } = await call(vault, 'GET', `/tenants/${tenant}/audit?type=email.disabled`);
    expect(data).toMatchObject([{ target: `email:${id}`, actor: { kind: 'system' } }]);
    expect(logLines.join('')).not.toMatch(/canary of the server|oncall@/);
  });

  it('is written to no more once the operator lets mails go to other domains alone, and says so', async () => {
    const { id } = await add('oncall@example.com');
    await add('oncall@EXAMPLE.org');
    await raise('app.disabled');
    expect(vault.jobs.mailing?.domains).toEqual(['example.com', 'example.org']);
    expect(await send({ domains: ['example.org'] })).toBe(1);
    expect(receiver.mails.map(({ to }) => to)).toEqual([['oncall@example.org']]);
    const { failing_since } = await show(id);
    expect(failing_since).not.toBeNull();
    const line = 'a mail was not sent: KEYROTATOR_MAIL_DOMAINS does not name the domain of the address';
    expect(logLines.filter((each) => each.includes(line)).map((each) => JSON.parse(each).email_id)).toEqual([
      id,
    ]);
    vault.advance(MINUTE);
    expect(await send()).toBe(1);
    expect(await show(id)).toMatchObject({ enabled: true, failing_since: null });
  });

  it('is counted with what became of each attempt', async () => {
    const attempts = async () => {
      const { text } = await vault.request('/metrics');
      return ['ok', 'refused', 'not reached', 'barred'].map((result) =>
        Number(text.split(`keyrotator_email_attempts_total{result="${result}"} `)[1]?.split('\n')[0]),
      );
    };
    await add('oncall@example.com');
    const before = await attempts();
    const added = async () => (await attempts()).map((count, at) => count - (before[at] ?? 0));
    await raise('app.disabled');
    receiver.refuseWith = 451;
    await send();
    expect(await added()).toEqual([0, 1, 0, 0]);
    vault.advance(MINUTE);
    await send({ domains: ['example.org'] });
    expect(await added()).toEqual([0, 1, 0, 1]);
    receiver.refuseWith = null;
    vault.advance(HOUR);
    await send();
    expect(await added()).toEqual([1, 1, 0, 1]);
  });

  it('that was deleted hears of nothing more, and one that is slow or gone keeps nobody waiting', async () => {
    const gone = await add('gone@example.com');
    await add('there@example.org');
    await raise('app.disabled');
    await call(vault, 'DELETE', `/tenants/${tenant}/emails/${gone.id}`);
    expect(await send()).toBe(1);
    expect(receiver.mails.map(({ to }) => to)).toEqual([['there@example.org']]);
  });
});

describe('what is refused', () => {
  it.each([
    'a@example.com\r\nBcc: victim@example.com',
    'a@example.com, b@example.com',
    'A <a@example.com>',
    '"a b"@example.com',
    'a@localhost',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a@0x7f.0.0.0x1',
    'a%victim.org@example.com',
    'victim.org!a@example.com',
    '=?utf-8?q?a?=@example.com',
    'a@example.com\0',
    'ä@example.com',
    `${'a'.repeat(65)}@example.com`,
    'a@@example.com',
    '',
  ])('is %j as an address', async (address) => {
    const { status, body } = await post({ address, events: ['*'] });
    const detail = 'must be the address of one person or list, such as oncall@example.com';
    expect([status, body.errors?.[0]]).toEqual([422, { pointer: '/address', detail }]);
  });

  it('is an address of another domain, one twice, more than there may be, and events that are not mailed', async () => {
    const { body } = await post({ address: 'a@elsewhere.com', events: ['*'] });
    expect(body.errors).toEqual([
      { pointer: '/address', detail: 'must be of a domain that mails may go to: example.com, example.org' },
    ]);
    for (const type of ['key.delivered', 'webhook.test', 'no.event'])
      expect((await post({ address: 'a@example.com', events: [type] })).status).toBe(422);
    await add('A@example.com');
    expect((await post({ address: 'a@EXAMPLE.com', events: ['*'] })).status).toBe(409);
    for (let n = 1; n < MOST_EMAILS; n++) await add(`a${n}@example.com`);
    expect((await post({ address: 'more@example.com', events: ['*'] })).status).toBe(409);
  });

  it('is any address where mail is not set up, and it says what is missing', async () => {
    const plain = await startVault({
      env: { KEYROTATOR_SMTP_URL: undefined, KEYROTATOR_MAIL_FROM: undefined },
    });
    await addTenant(plain, 'acme');
    const body = { address: 'a@example.com', events: ['*'] };
    const reply = await plain.admin('POST', '/tenants/acme/emails', body);
    expect([reply.status, reply.body.detail]).toEqual([
      409,
      'This vault sends no mail: its operator has to set KEYROTATOR_SMTP_URL and KEYROTATOR_MAIL_FROM first.',
    ]);
    expect(plain.jobs.mailing).toBeNull();
    await plain.stop();
  });
});

it('addresses that wait for mail are told of at the start where no mail server is set up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrotator-mail-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { KEYROTATOR_ROOT_TOKEN: 'root-token-of-the-mail-test-0123456789' };
  const none = { ...env, KEYROTATOR_SMTP_URL: undefined, KEYROTATOR_MAIL_FROM: undefined };
  const warnings = async (own: NodeJS.ProcessEnv, meanwhile = async (_vault: TestVault) => {}) => {
    const lines: string[] = [];
    const started = await startVault({ folder, env: own, logLines: lines });
    await meanwhile(started);
    await started.stop();
    return lines.filter((line) => line.includes('no mail is sent')).length;
  };
  let id = 0;
  const path = '/tenants/acme/emails';
  const addAddress = async (to: TestVault) => {
    await addTenant(to, 'acme');
    ({ id } = await call(to, 'POST', path, { address: 'oncall@example.com', events: ['*'] }));
  };
  const switchOff = (of: TestVault) => call(of, 'PATCH', `${path}/${id}`, { enabled: false });
  expect(await warnings(none)).toBe(0);
  expect(await warnings(env, addAddress)).toBe(0);
  expect(await warnings(none, switchOff)).toBe(1);
  expect(await warnings(none)).toBe(0);
});
