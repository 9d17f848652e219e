import type { MailSender } from '../mail/send-mail.ts';
import { type EmailObserver, sendEmails } from '../operations/send-emails.ts';
import type { Engine } from '../storage/engine.ts';

/** Null where the operator has named no SMTP server. */
export interface Mailing {
  readonly sender: MailSender;
  readonly observer: EmailObserver;
}

/** Mails what is due. */
export async function runOnce(engine: Engine, mailing: Mailing, stopping: AbortSignal): Promise<void> {
  await sendEmails(engine, mailing.sender, mailing.observer, stopping);
}
