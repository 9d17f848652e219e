/** Messages that leave through an egress proxy: the guard holds as without one, and TLS goes through to the receiver. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { createAddressGuard, type Resolve } from '../../../src/webhooks/address-guard.ts';
import { createWebhookSender } from '../../../src/webhooks/send.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { selfSignedCertificate } from '../../support/self-signed-certificate.ts';
import { resolvingInTurn, testMessage } from '../../support/webhook-sending.ts';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function receiver(name: string): Promise<Receiver> {
  const certificate = selfSignedCertificate(name);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, certificate.cert]);
  const made = await startReceiver((_, response) => void response.writeHead(204).end(), certificate);
  cleanup.push(() => setDefaultCACertificates(before), made.close);
  return made;
}

async function proxyTo(port: number | null): Promise<ConnectProxy> {
  const proxy = await startConnectProxy(port);
  cleanup.push(proxy.close);
  return proxy;
}

function sender(proxy: string, resolve: Resolve, allowed: string[] = []) {
  const guard = createAddressGuard(allowed, resolve);
  const made = createWebhookSender({ guard, version: '1.2.3', proxy, timeoutMs: 2_000 });
  cleanup.push(made.close);
  return made;
}

const at = ({ port }: ConnectProxy, credentials = '') => `http://${credentials}127.0.0.1:${port}`;

test('the proxy is asked for the address that was judged, and TLS is with the receiver, by its name', async () => {
  const hook = await receiver('hook.example');
  const proxy = await proxyTo(hook.port);
  const sending = sender(at(proxy, 'us%20er:p%40ss@'), resolvingInTurn(['8.8.8.8', '2606:4700::1111']));
  expect(await sending.send(testMessage('https://hook.example:8443/x'))).toMatchObject({
    ok: true,
    status: 204,
  });
  expect(proxy.asked.map(({ authority }) => authority)).toEqual(['8.8.8.8:8443']);
  expect(proxy.asked[0]?.headers).toMatchObject({
    host: '8.8.8.8:8443',
    'proxy-authorization': `Basic ${Buffer.from('us er:p@ss').toString('base64')}`,
  });
  expect(hook.requests).toMatchObject([{ path: '/x', headers: { host: 'hook.example:8443' } }]);
  expect(hook.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
});

test('an IPv6 address is asked for in brackets, at the port of https where none is named', async () => {
  const hook = await receiver('hook.example');
  const proxy = await proxyTo(hook.port);
  await sender(at(proxy), resolvingInTurn(['2606:4700::1111'])).send(testMessage('https://hook.example/'));
  expect(proxy.asked.map(({ authority }) => authority)).toEqual(['[2606:4700::1111]:443']);
});

test('a certificate for another name than the receiver is not accepted through a proxy either', async () => {
  const hook = await receiver('other.example');
  const proxy = await proxyTo(hook.port);
  const result = await sender(at(proxy), resolvingInTurn(['8.8.8.8'])).send(
    testMessage('https://hook.example/'),
  );
  expect(result).toMatchObject({ ok: false, error: 'tls_failed' });
  expect(hook.requests).toEqual([]);
});

test.each([
  ...['127.0.0.1', '127.1', '2130706433', '[::ffff:a9fe:a9fe]', '169.254.169.254', '[::1]', '10.0.0.1'],
])('the proxy is never asked for %s', async (host) => {
  const proxy = await proxyTo(null);
  const sending = sender(at(proxy), resolvingInTurn(['8.8.8.8']));
  for (const url of [`https://${host}/`, `http://${host}/`])
    expect(await sending.send(testMessage(url))).toMatchObject({ error: 'blocked_address' });
  expect(proxy.asked).toEqual([]);
});

test.each([
  [['10.0.0.1']],
  [['8.8.8.8', '127.0.0.1']],
  [['8.8.8.8', '::1']],
  [['2606:4700::1111', '169.254.169.254']],
])('nor for a name that leads to %j', async (addresses) => {
  const proxy = await proxyTo(null);
  const result = await sender(at(proxy), resolvingInTurn(addresses)).send(
    testMessage('https://hook.example/'),
  );
  expect(result).toMatchObject({ error: 'blocked_address' });
  expect(proxy.asked).toEqual([]);
});

test('nor for a name whose second look-up points inside', async () => {
  const hook = await receiver('hook.example');
  const proxy = await proxyTo(hook.port);
  const resolve = resolvingInTurn(['8.8.8.8'], ['127.0.0.1']);
  expect(await sender(at(proxy), resolve).send(testMessage('https://hook.example/'))).toMatchObject({
    ok: true,
  });
  expect(await sender(at(proxy), resolve).send(testMessage('https://hook.example/'))).toMatchObject({
    error: 'blocked_address',
  });
  expect(proxy.asked).toHaveLength(1);
});

test('listed addresses are reached directly, by https and by http', async () => {
  const hook = await receiver('hook.example');
  const plain = await startReceiver((_, response) => void response.writeHead(204).end());
  cleanup.push(plain.close);
  const proxy = await proxyTo(null);
  const sending = sender(at(proxy), resolvingInTurn(['127.0.0.1']), ['127.0.0.1']);
  for (const url of [`https://hook.example:${hook.port}/`, `http://hook.example:${plain.port}/`])
    expect(await sending.send(testMessage(url))).toMatchObject({ ok: true });
  expect(proxy.asked).toEqual([]);
});

test('a name that is listed when it is judged and public when it is connected to does not lead past the proxy', async () => {
  const proxy = await proxyTo(null);
  const sending = sender(at(proxy), resolvingInTurn(['127.0.0.1'], ['8.8.8.8']), ['127.0.0.1']);
  expect(await sending.send(testMessage('https://hook.example/'))).toMatchObject({
    error: 'blocked_address',
  });
  expect(await sending.send(testMessage('https://hook.example/'))).toMatchObject({ error: 'proxy_failed' });
  expect(proxy.asked.map(({ authority }) => authority)).toEqual(['8.8.8.8:443']);
});

test('a proxy that refuses or is not there is told of as such', async () => {
  const refusing = await proxyTo(null);
  const gone = await startConnectProxy(null);
  await gone.close();
  for (const port of [refusing.port, gone.port]) {
    const sending = sender(`http://127.0.0.1:${port}`, resolvingInTurn(['8.8.8.8', '8.8.4.4']));
    expect(await sending.send(testMessage('https://hook.example/'))).toMatchObject({
      ok: false,
      status: null,
      error: 'proxy_failed',
    });
  }
  expect(refusing.asked.map(({ authority }) => authority)).toEqual(['8.8.8.8:443', '8.8.4.4:443']);
});
