/** The warning that nobody is mailed. */
import type { Config } from '../config/config.ts';
import type { Reader } from '../storage/rows.ts';
import { hasEnabledEmail } from '../storage/tables/emails.ts';
import type { Logger } from './log.ts';

/** Where addresses hear of events, and no mail server is set up. */
export async function warnOfNoMail({ mail }: Config, db: Reader, log: Logger): Promise<void> {
  if (mail !== null || !(await hasEnabledEmail(db))) return;
  log.warn(
    'no mail is sent, and addresses wait for some. Set KEYROTATOR_SMTP_URL and KEYROTATOR_MAIL_FROM, or switch the addresses off',
  );
}
