import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { selfSignedCertificate } from '../../support/self-signed-certificate.ts';
import { resolvingInTurn, testMessage, testSender } from '../../support/webhook-sending.ts';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function receiver(
  tls?: { key: string; cert: string },
  headers: Record<string, string> = {},
): Promise<Receiver> {
  const made = await startReceiver((_, response) => void response.writeHead(200, headers).end(), tls);
  cleanup.push(made.close);
  return made;
}

function sender(...args: Parameters<typeof testSender>) {
  const made = testSender(...args);
  cleanup.push(made.close);
  return made;
}

function trust(cert: string): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  cleanup.push(() => setDefaultCACertificates(before));
}

const blocked = { ok: false, status: null, error: 'blocked_address', gone: false, answer: null };

describe('a message to a literal address', () => {
  test.each([
    ...[
      '127.2',
      '2130706434',
      '0x7f.2',
      '017700000002',
      '127.0.0.2.',
      '１２７.０.０.２',
      '0',
      '[::1]',
      '[::]',
    ],
    ...['[::ffff:7f00:2]', '[::ffff:127.0.0.2]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '169.254.169.254'],
    ...['[::ffff:a9fe:a9fe]'],
  ])('inside, written %s, is blocked before any connection', async (host) => {
    for (const scheme of ['http', 'https']) {
      const result = await sender().send(testMessage(`${scheme}://${host}:9/hook`));
      expect(result).toMatchObject(blocked);
    }
  });

  test.each([
    '127.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '127.0.0.1.',
    '１２７.0.0.1',
    '[::ffff:7f00:1]',
  ])('that is listed arrives, written %s', async (host) => {
    const hook = await receiver();
    const result = await sender().send(testMessage(`http://${host}:${hook.port}/`));
    expect(result).toMatchObject({ ok: true, status: 200 });
  });

  test('with a user name in the URL, or by plain http to a public one, is blocked', async () => {
    const hook = await receiver();
    expect(await sender().send(testMessage(`http://me:pw@127.0.0.1:${hook.port}/`))).toMatchObject(blocked);
    expect(await sender().send(testMessage('http://192.0.2.1/'))).toMatchObject(blocked);
    expect(await sender().send(testMessage('http://8.8.8.8/'))).toMatchObject(blocked);
    expect(hook.connections()).toBe(0);
  });
});

describe('a message to a name', () => {
  test('arrives where every address of it is permitted', async () => {
    const hook = await receiver();
    const result = await sender(resolvingInTurn(['127.0.0.1'])).send(
      testMessage(`http://hook.example:${hook.port}/`),
    );
    expect(result).toMatchObject({ ok: true });
    expect(hook.requests[0]?.headers.host).toBe(`hook.example:${hook.port}`);
  });

  test.each([
    [['127.0.0.1', '169.254.169.254']],
    [['169.254.169.254', '127.0.0.1']],
    [['127.0.0.1', '::1']],
    [['127.0.0.1', '8.8.8.8']],
    [['127.0.0.1', '::ffff:10.0.0.1']],
  ])('that leads to %j is blocked, by plain http, with no connection made', async (addresses) => {
    const hook = await receiver();
    const result = await sender(resolvingInTurn(addresses)).send(
      testMessage(`http://hook.example:${hook.port}/`),
    );
    expect(result).toMatchObject(blocked);
    expect(hook.connections()).toBe(0);
  });

  test('that leads outside and inside is blocked under https too', async () => {
    const hook = await receiver();
    for (const addresses of [['8.8.8.8', '10.0.0.1'], ['2606:4700::1111', '127.0.0.2'], ['fd00:ec2::254']]) {
      const url = `https://hook.example:${hook.port}/`;
      expect(await sender(resolvingInTurn(addresses)).send(testMessage(url))).toMatchObject(blocked);
    }
    expect(hook.connections()).toBe(0);
  });

  test('that leads elsewhere at the second look-up is blocked at the second connection', async () => {
    const hook = await receiver(undefined, { connection: 'close' });
    const rebound = sender(resolvingInTurn(['127.0.0.1'], ['127.0.0.2']));
    const url = `http://hook.example:${hook.port}/`;
    expect(await rebound.send(testMessage(url))).toMatchObject({ ok: true });
    await hook.allClosed();
    expect(await rebound.send(testMessage(url))).toMatchObject(blocked);
    expect(hook.connections()).toBe(1);
  });

  test('is looked up once for a connection, so that the answer which was judged is the one connected to', async () => {
    const hook = await receiver();
    const resolve = vi.fn(resolvingInTurn(['127.0.0.1'], ['127.0.0.2']));
    expect(await sender(resolve).send(testMessage(`http://hook.example:${hook.port}/`))).toMatchObject({
      ok: true,
    });
    expect(resolve.mock.calls).toEqual([['hook.example']]);
  });

  test.each(['localhost', 'localhost.'])('of this machine, %s, is blocked', async (name) => {
    const resolve = resolvingInTurn(['127.0.0.1', '::1']);
    expect(await sender(resolve).send(testMessage(`https://${name}/`))).toMatchObject(blocked);
  });

  test('that is not known fails as such', async () => {
    const unknown = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    const result = await sender(unknown).send(testMessage('https://hook.example/'));
    expect(result).toMatchObject({ ok: false, status: null, error: 'dns_failed' });
  });

  test('whose look-up never ends fails in time', async () => {
    const result = await sender(() => new Promise(() => undefined), { timeoutMs: 100 }).send(
      testMessage('https://hook.example/'),
    );
    expect(result).toMatchObject({ ok: false, status: null, error: 'timeout' });
    expect(result.latencyMs).toBeLessThan(500);
  });
});

describe('a message over TLS', () => {
  test('arrives where the certificate is for the name, and names it', async () => {
    const certificate = selfSignedCertificate('hook.example');
    trust(certificate.cert);
    const hook = await receiver(certificate);
    const result = await sender(resolvingInTurn(['127.0.0.1'])).send(
      testMessage(`https://hook.example:${hook.port}/`),
    );
    expect(result).toMatchObject({ ok: true, status: 200 });
    expect(hook.requests[0]?.headers.host).toBe(`hook.example:${hook.port}`);
  });

  test('is not sent under a certificate for another name', async () => {
    const certificate = selfSignedCertificate('other.example');
    trust(certificate.cert);
    const hook = await receiver(certificate);
    const result = await sender(resolvingInTurn(['127.0.0.1'])).send(
      testMessage(`https://hook.example:${hook.port}/`),
    );
    expect(result).toMatchObject({ ok: false, status: null, error: 'tls_failed' });
    expect(hook.requests).toEqual([]);
  });

  test('is not sent under a certificate that nobody vouches for, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const hook = await receiver(selfSignedCertificate('hook.example'));
    const result = await sender(resolvingInTurn(['127.0.0.1'])).send(
      testMessage(`https://hook.example:${hook.port}/`),
    );
    expect(result).toMatchObject({ ok: false, status: null, error: 'tls_failed' });
    expect(hook.requests).toEqual([]);
  });

  test('is not sent to a receiver that speaks no TLS', async () => {
    const hook = await receiver();
    const result = await sender(resolvingInTurn(['127.0.0.1'])).send(
      testMessage(`https://hook.example:${hook.port}/`),
    );
    expect(result).toMatchObject({ ok: false, status: null, error: 'tls_failed' });
    expect(hook.requests).toEqual([]);
  });
});
