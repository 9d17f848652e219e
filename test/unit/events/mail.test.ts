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
