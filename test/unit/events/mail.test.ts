import { expect, it } from 'vitest';
import { mailOf } from '../../../src/events/mail.ts';

it('a mail has a line for each member of each event, and control characters and invisible ones of none', () => {
  const at = Date.parse('2026-03-01T12:00:00Z');
  const data = {
    tenant: 'acme',
    app_id: 7,
    reason: 'a\r\nb\u2028c\u001b[31m\u202egpj.exe\u200b',
    auto_enable_at: null,
    list: [1],
  };
  const { subject, text } = mailOf('acme', [{ type: 'app.disabled', at, data }]);
  expect(subject).toBe('KeyRotator: app.disabled in acme');
  expect(text.split('\n').slice(0, 5)).toEqual([
    '2026-03-01T12:00:00.000Z  app.disabled',
    '  app_id: 7',
    '  reason: a  b c [31mgpj.exe',
    '  list: [1]',
    '',
  ]);
  expect(
    mailOf(
      'acme',
      [data, data].map((each) => ({ type: 'x', at, data: each })),
    ).subject,
  ).toBe('KeyRotator: 2 events in acme');
});

it('a mail tells of what repeats in one, and of what is urgent first', () => {
  const at = Date.parse('2026-03-01T12:00:00Z');
  const cooling = (key_id: number, second: number) => ({
    type: 'key.cooling',
    at: at + second * 1_000,
    data: { service: 's', key_id, cause: 'same bucket' },
  });
  const burned = { type: 'key.burned', at: at + 9_000, data: { service: 's', key_id: 3, reason: 'leaked' } };
  const { subject, text } = mailOf('acme', [cooling(1, 0), cooling(2, 1), cooling(1, 2), burned]);
  expect(subject).toBe('KeyRotator: key.burned among 4 events in acme');
  expect(text.split('\n\n').slice(0, 3)).toEqual([
    '2026-03-01T12:00:09.000Z  key.burned\n  service: s\n  key_id: 3\n  reason: leaked',
    '2026-03-01T12:00:00.000Z  key.cooling × 2, last 2026-03-01T12:00:02.000Z\n  service: s\n  key_id: 1\n  cause: same bucket',
    '2026-03-01T12:00:01.000Z  key.cooling\n  service: s\n  key_id: 2\n  cause: same bucket',
  ]);
});

it('a mail is short, of however many keys and services it tells', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({
    type: n % 2 === 0 ? 'key.cooling' : 'key.burned',
    at: n,
    data: { service: `s${n % 1_000}`, key_id: n, reason: `${n} `.repeat(100) },
  }));
  const { text } = mailOf('acme', many);
  expect(text).toContain('key.burned × 2,500, last 1970-01-01T00:00:04.999Z');
  expect(text).toContain('key_id: 4999, 4997, 4995, 4993, 4991, 4989, 4987, 4985, 4983, 4981 and 2,490 more');
  expect(text.length).toBeLessThan(5_000);
});
