import { type Mailing, sendEmails } from '../operations/emails/send-emails.ts';
import type { Engine } from '../storage/engine.ts';

/** Mails what is due. */
export async function runOnce(engine: Engine, mailing: Mailing, stopping: AbortSignal): Promise<void> {
  await sendEmails(engine, mailing, stopping);
}
