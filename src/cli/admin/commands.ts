/** The whole command line on one page. */
import type { Command } from 'commander';
import { addGet } from './get-key.ts';
import { type Extra, makeProgram } from './program.ts';
import type { Resource } from './resource.ts';
import { APP } from './resources/apps.ts';
import { KEY } from './resources/keys.ts';
import { SERVICE } from './resources/services.ts';
import { TENANT } from './resources/tenants.ts';
import { USAGE } from './resources/usage.ts';
import { WHOAMI } from './resources/whoami.ts';

export const RESOURCES: readonly Resource[] = [WHOAMI, TENANT, SERVICE, KEY, APP, USAGE];

const EXTRAS: readonly Extra[] = [addGet];

export function keyrotator(): Command {
  return makeProgram(RESOURCES, EXTRAS);
}
