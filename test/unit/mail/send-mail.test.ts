import { afterEach, describe, expect, it } from 'vitest';
import { createMailSender } from '../../../src/mail/send-mail.ts';
import { selfSignedCertificate } from '../../support/self-signed-certificate.ts';
import { type MailReceiver, startMailReceiver } from '../../support/smtp-receiver.ts';

let receiver: MailReceiver;
afterEach(() => receiver.close());

const mail = { to: 'a@example.com', subject: 'a subject', text: 'text', id: 'id' };
const from = 'vault@example.com';

function notReached(cause: string) {
  return { ok: false, error: 'not reached', status: null, cause };
}

describe('a mail', () => {
  it('is one message to one address, whatever its subject holds', async () => {
    receiver = await startMailReceiver();
    const sender = createMailSender({ url: `smtp://127.0.0.1:${receiver.port}`, from });
    const subject = 'a\r\nBcc: victim@example.com\r\n\r\nbody';
    expect(await sender.send({ ...mail, subject })).toEqual({ ok: true });
    sender.close();
    expect(receiver.mails).toMatchObject([{ to: ['a@example.com'] }]);
    expect(receiver.mails[0]?.raw).toMatch(/^Message-ID: <id@example.com>\r$/m);
    expect(receiver.mails[0]?.raw).not.toMatch(/^Bcc/m);
  });

  it('comes to nothing where the server refuses it, or nobody is there, and says no more than that', async () => {
    receiver = await startMailReceiver();
    receiver.refuseWith = 550;
    const sender = createMailSender({ url: `smtp://127.0.0.1:${receiver.port}`, from });
    expect(await sender.send(mail)).toEqual({ ok: false, error: 'refused', status: 550, cause: null });
    const nobody = createMailSender({ url: 'smtp://127.0.0.1:1', from });
    expect(await nobody.send(mail)).toEqual(notReached('ECONNREFUSED'));
  });

  it('says where a server is not to be trusted', async () => {
    const { key, cert } = selfSignedCertificate('127.0.0.1');
    receiver = await startMailReceiver({ secure: true, key, cert });
    const sender = createMailSender({ url: `smtps://127.0.0.1:${receiver.port}`, from });
    expect(await sender.send(mail)).toEqual(notReached('certificate'));
    expect(receiver.mails).toEqual([]);
  });

  it('that a server takes for ever is given up', async () => {
    const asked = Promise.withResolvers<void>();
    receiver = await startMailReceiver({
      closeTimeout: 1,
      onRcptTo: () => asked.resolve(),
    });
    const sender = createMailSender({ url: `smtp://127.0.0.1:${receiver.port}`, from }, 200);
    expect(await sender.send(mail)).toEqual(notReached('ETIMEDOUT'));
    await asked.promise;
  });

  it('is not sent where a password would go without TLS', async () => {
    const asked: string[] = [];
    receiver = await startMailReceiver({
      onAuth(auth, _session, done) {
        asked.push(auth.password ?? '');
        done(null, { user: 'u' });
      },
      allowInsecureAuth: true,
    });
    const sender = createMailSender({ url: `smtp://user:canary@127.0.0.1:${receiver.port}`, from });
    expect(await sender.send(mail)).toMatchObject({ ok: false });
    expect([asked, receiver.mails]).toEqual([[], []]);
  });
});
