import { expect, test } from 'vitest';
import { holdsSecret } from '../../../src/webhooks/holds-secret.ts';

const BARE = 'ab/cd+ef/gh0ab/cd+ef/gh1ab/cd+ef/gh2ab/cd+e=';
const SECRET = `whsec_${BARE}`;
const BYTES = Buffer.from(BARE, 'base64');

test.each([
  ['as it is shown', SECRET],
  ['without its first character', BARE.slice(1)],
  ['without its first byte', BYTES.subarray(1).toString('base64')],
  ['without its first two bytes', BYTES.subarray(2).toString('base64url')],
  ['in the alphabet for URLs', BYTES.toString('base64url')],
  ['with its slashes escaped, in JSON', JSON.stringify({ got: BARE }).replaceAll('/', '\\/')],
  ['with its slashes as code points', BARE.replaceAll('/', '\\u002f')],
  ['in a query', encodeURIComponent(SECRET)],
  ['in hex', BYTES.toString('hex')],
  ['in hex with capitals, from its second byte on', BYTES.subarray(1).toString('hex').toUpperCase()],
  ['in lines', BARE.replaceAll(/.{10}/g, '$&\r\n')],
  ['in part', `begins with ${SECRET.slice(0, 26)} and so on`],
])('a secret %s is found', (_, text) => {
  expect(holdsSecret(`{"echo": "${text}"}`, SECRET)).toBe(true);
});

test.each([
  'ok',
  '{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","trace":"4bf92f3577b34da6a3ce929d0e0e4736"}',
  'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  '%zz %2 \\u00 \\',
  '[secret]',
])('%s holds none', (text) => {
  expect(holdsSecret(text, SECRET)).toBe(false);
});
