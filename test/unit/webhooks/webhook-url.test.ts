import { describe, expect, test } from 'vitest';
import { createAddressGuard } from '../../../src/webhooks/address-guard.ts';
import { explainWebhookUrl } from '../../../src/webhooks/webhook-url.ts';

const closed = createAddressGuard([]);
const open = createAddressGuard(['127.0.0.0/8', '10.1.0.0/16']);

describe('a webhook URL, when it is saved,', () => {
  test.each([
    'https://example.com/hook?team=a',
    'https://example.com:8443/hook',
    'HTTPS://Example.com.',
    'https://bücher.example/hook',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
  ])('may be %s', (url) => {
    expect(explainWebhookUrl(url, closed)).toBeNull();
  });

  test.each([
    ...[
      '127.1',
      '2130706433',
      '[::ffff:a9fe:a9fe]',
      '0x7f.1',
      '017700000001',
      'localhost',
      'localhost.',
      'LOCALHOST',
    ],
    ...[
      '127.0.0.1.',
      '[::1]',
      '[::]',
      '0',
      '１２７.０.０.１',
      '169.254.169.254',
      '[fe80::1%25eth0]',
      'a.localhost',
    ],
    ...['local%68ost', '1.1.1.1..', 'a..example', '.', '', 'exa mple.com', 'example.com\\@127.0.0.1'],
  ])('may not lead to %s', (host) => {
    expect(explainWebhookUrl(`https://${host}/hook`, closed)).toEqual(expect.any(String));
    expect(explainWebhookUrl(`http://${host}/hook`, closed)).toEqual(expect.any(String));
  });

  test.each([
    ['example.com/hook', /absolute/],
    ['/hook', /absolute/],
    ['https:example.com', /absolute/],
    ['https:/example.com', /absolute/],
    [' https://example.com', /absolute/],
    ['ht\ntps://example.com', /absolute/],
    ['https://example.com/a\tb', /absolute/],
    ['https:\\\\example.com', /absolute/],
    ['http://example.com', /https/],
    ['http://8.8.8.8', /https.*KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES/],
    ['ftp://example.com', /https/],
    ['https://me@example.com', /user name/],
    ['https://:pw@example.com', /user name/],
    ['https://example.com/#part', /fragment/],
    ['https://example.com/#', /fragment/],
    ['https://10.0.0.1/', /not public.*KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES/],
    ['https://localhost/', /this machine.*KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES/],
  ])('is refused as %j, and it is said why', (url, reason) => {
    expect(explainWebhookUrl(url, closed)).toMatch(reason);
  });

  test('may lead to what the operator listed, by plain http too', () => {
    for (const host of ['localhost:9000', '127.1', '10.1.2.3', 'inside.example']) {
      expect(explainWebhookUrl(`http://${host}/hook`, open), host).toBeNull();
      expect(explainWebhookUrl(`https://${host}/hook`, open), host).toBeNull();
    }
    expect(explainWebhookUrl('https://10.2.0.1', open)).toMatch(/not public/);
    expect(explainWebhookUrl('http://8.8.8.8', open)).toMatch(/https/);
  });
});
