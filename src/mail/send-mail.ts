/** Sends mails by the SMTP server that the operator named. */
import { getSystemErrorName } from 'node:util';
import type { Transporter } from 'nodemailer';

/** Of each step, and of all of them. */
const TIMEOUT_MS = 10_000;
const DEADLINE_MS = 30_000;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Stays the same when the mail is sent again: what is before the `@` of its Message-ID. */
  readonly id: string;
}

/**
 * Nothing of it is what the server said: `error` is a class of failure, `status` the code of SMTP, where there was one, and
 * `cause` where there was none: an error code such as `ECONNREFUSED`, or `certificate`, where that of the server does not hold.
 */
export type MailResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: 'refused'; readonly status: number; readonly cause: null }
  | { readonly ok: false; readonly error: 'not reached'; readonly status: null; readonly cause: string };

export interface MailSender {
  send(mail: Mail): Promise<MailResult>;
  close(): void;
}

/**
 * `url`: `smtp://` or `smtps://`, with user and password where the server wants them: they go over TLS only, and that is asked
 * for by STARTTLS under `smtp://`.
 */
export function createMailSender(
  { url, from }: { readonly url: string; readonly from: string },
  deadlineMs = DEADLINE_MS,
): MailSender {
  let transport: Promise<Transporter> | null = null;
  const domain = from.slice(from.indexOf('@') + 1);
  return {
    async send({ to, subject, text, id }) {
      transport ??= openTransport(url);
      try {
        const sent = (await transport).sendMail({
          // As an object it is one address, whatever is in it.
          from: { name: 'KeyRotator', address: from },
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        await beforeDeadline(sent, deadlineMs);
        return { ok: true };
      } catch (error) {
        const status = (error as { responseCode?: number }).responseCode ?? null;
        return status === null
          ? { ok: false, error: 'not reached', status, cause: causeOf(error as Error) }
          : { ok: false, error: 'refused', status, cause: null };
      }
    },
    close() {
      transport?.then((opened) => opened.close()).catch(() => {});
    },
  };
}

function causeOf(error: NodeJS.ErrnoException & { response?: string }): string {
  // What a server has answered is in the message, too.
  if (error.response === undefined && error.message.includes('certificate')) return 'certificate';
  // nodemailer has its own words as codes, such as ESOCKET, over those of the system.
  return error.errno === undefined ? (error.code ?? 'UNKNOWN') : getSystemErrorName(error.errno);
}

/** Rejects where the server goes on and on; the mail may have been taken then. */
async function beforeDeadline(sent: Promise<unknown>, deadlineMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tookTooLong()), deadlineMs);
  sent.catch(() => {});
  await Promise.race([sent, promise]).finally(() => clearTimeout(timer));
}

function tookTooLong(): Error {
  return Object.assign(new Error('the server took too long'), { code: 'ETIMEDOUT' });
}

/** nodemailer is loaded for the first mail. */
async function openTransport(text: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  const withPassword = url.username !== '';
  return createTransport({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: withPassword && !secure,
    ...(withPassword
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {}),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
