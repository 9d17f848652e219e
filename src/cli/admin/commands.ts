/** The whole command line on one page. */
import type { Command } from 'commander';
import { addGet } from './get-key.ts';
import { addImport } from './import-keys.ts';
import { type Extra, makeProgram } from './program.ts';
import type { Resource } from './resource.ts';
import { APP } from './resources/apps.ts';
import { AUDIT } from './resources/audit.ts';
import { EMAIL } from './resources/emails.ts';
import { GROUP } from './resources/groups.ts';
import { KEY } from './resources/keys.ts';
import { SERVICE } from './resources/services.ts';
import { TENANT } from './resources/tenants.ts';
import { TOKEN } from './resources/tokens.ts';
import { USAGE } from './resources/usage.ts';
import { WEBHOOK } from './resources/webhooks.ts';
import { WHOAMI } from './resources/whoami.ts';
import { addExec } from './run-with-key.ts';

export const RESOURCES: readonly Resource[] = [
  WHOAMI,
  TENANT,
  SERVICE,
  KEY,
  APP,
  GROUP,
  WEBHOOK,
  EMAIL,
  TOKEN,
  AUDIT,
  USAGE,
];

const EXTRAS: readonly Extra[] = [addImport, addGet, addExec];

export function keyrotator(): Command {
  return makeProgram(RESOURCES, EXTRAS);
}
