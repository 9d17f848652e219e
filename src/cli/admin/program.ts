/** Makes the command line of the tables: what is typed, and its help. */
import { Command, Option as CommanderOption, InvalidArgumentError } from 'commander';
import { adminToken, DEFAULT_URL, namedTenant, vaultUrl } from './connection.ts';
import { EXIT, EXIT_CODES, Failure } from './failure.ts';
import { type Option, optionName, optionOf, sentFor } from './options.ts';
import { type Given, perform, type Session } from './perform.ts';
import { Printer } from './printer.ts';
import { pathArguments, type Resource, type Verb } from './resource.ts';
import { VaultClient } from './vault-client.ts';
import { packageVersion } from './version.ts';

/** The options that every command takes. */
export interface Common {
  readonly url?: string;
  readonly tenant?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Adds a command that is not of the tables. */
export type Extra = (program: Command) => void;

const ABOUT = [
  'Administers a KeyRotator, and gets keys from one.',
  '',
  `It talks to the vault at KEYROTATOR_URL, ${DEFAULT_URL} unless it is set, with the admin token of KEYROTATOR_TOKEN or of the file that KEYROTATOR_TOKEN_FILE names; on a terminal it asks where neither is set. No token and no key is ever an argument; umask 077 beforehand keeps files that tokens go into from others. The tenant is that of --tenant or KEYROTATOR_TENANT, else the one that the token belongs to.`,
  '',
  'On a terminal lists are tables with a line of names. Elsewhere each row is a line without one, its cells separated by tabs, and a thing has a line for each member. Control characters are written out. --json prints what the vault answers, of a list all pages as one.',
].join('\n');

export function makeProgram(resources: readonly Resource[], extras: readonly Extra[]): Command {
  const program = new Command('keyrotator')
    .description(ABOUT)
    .usage('COMMAND [options]')
    .version(packageVersion(), '-V, --version', 'the version of this program')
    .option('--url <address>', 'where the vault is, in place of KEYROTATOR_URL')
    .option('--tenant <slug>', 'whose, in place of KEYROTATOR_TENANT')
    .option('--token-file <path>', 'a file with the token, in place of the environment; - is standard input')
    .option('--json', "the vault's JSON, as it is")
    .option('--quiet', 'only what is shown once, such as a token; else only the slug, number or message_id')
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    // start.ts says in one line what is wrong.
    .configureOutput({ outputError: () => {}, writeErr: () => {} });
  program.addHelpText('after', `\nExit codes:\n${exitCodes()}`);
  for (const resource of resources) addResource(program, resource);
  for (const extra of extras) extra(program);
  return program;
}

function exitCodes(): string {
  return EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}`).join('\n');
}

function addResource(program: Command, resource: Resource): void {
  const [only] = resource.verbs;
  if (resource.verbs.length === 1 && only?.name === resource.name) {
    addVerb(program, only);
    return;
  }
  const group = program
    .command(resource.name)
    .description(resource.about)
    .usage('COMMAND [options]')
    .helpCommand(false);
  for (const verb of resource.verbs) addVerb(group, verb);
}

function addVerb(parent: Command, verb: Verb): void {
  const command = parent.command(verb.name).description(verb.about);
  for (const name of [...pathArguments(verb.path), ...(verb.arguments ?? [])])
    command.argument(`<${name.toUpperCase()}>`);
  for (const [member, option] of Object.entries(verb.options ?? {}))
    addMember(command, optionName(member), option);
  if (typeof verb.prints === 'object' && verb.prints.of === undefined) {
    command.option('--limit <number>', 'at most so many rows; else all', positive);
    command.option('--cursor <text>', 'where to begin: the next_cursor of a list that --limit ended');
  }
  if (verb.secret !== undefined)
    command.option('--key-file <path>', 'a file with the key; - is standard input, and a terminal is asked');
  if (verb.confirm) command.option('--confirm <slug>', 'the slug once more');
  if (verb.irrevocable !== undefined) command.option('--yes', 'do it without being asked');
  if (verb.rootPath !== undefined) command.option('--root', "root's own, in place of a tenant's");
  if (verb.method === 'PATCH')
    command.option('--if-match <etag>', 'only where it still is what show printed as etag');
  if (verb.method === 'POST')
    command.option('--idempotency-key <text>', 'sent again with the same one, it is done once');
  command.addHelpText('after', examplesOf(verb.examples) + columnsOf(verb));
  command.action(async () => {
    const options = command.opts();
    const common = command.optsWithGlobals<Common>();
    await perform(verb, givenOf(verb, command, options), () => startSession(common));
  });
}

function addMember(command: Command, name: string, option: Option): void {
  command.addOption(optionOf(name, option));
  if (option.value === null) command.addOption(new CommanderOption(`--no-${name}`, 'the opposite'));
}

/** The examples of a help, each on a line that begins with `  $ ./keyrotator`. */
export function examplesOf(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((example) => `  $ ./keyrotator ${example}`).join('\n')}`;
}

function columnsOf({ prints }: Verb): string {
  return typeof prints === 'object' ? `\n\nColumns: ${prints.columns.join(', ')}` : '';
}

function givenOf(verb: Verb, command: Command, options: Record<string, unknown>): Given {
  const members = Object.keys(verb.options ?? {}).map((member): [string, unknown] => [
    member,
    sentFor(options[new CommanderOption(`--${optionName(member)}`).attributeName()]),
  ]);
  return {
    arguments: command.args,
    members: Object.fromEntries(members.filter(([, value]) => value !== undefined)),
    extent: { limit: options.limit as number | undefined, cursor: options.cursor as string | undefined },
    ifMatch: options.ifMatch as string | undefined,
    idempotencyKey: options.idempotencyKey as string | undefined,
    keyFile: options.keyFile as string | undefined,
    confirm: options.confirm as string | undefined,
    yes: options.yes === true,
    root: options.root === true,
  };
}

/** What commands of the administration work with: the token is read once it is known that what was typed makes sense. */
export async function startSession(common: Common): Promise<Session> {
  const url = vaultUrl(common.url);
  const client = new VaultClient(url, await adminToken(common.tokenFile));
  const printer = new Printer({ json: common.json === true, quiet: common.quiet === true });
  return { client, printer, tenantOption: common.tenant, tenant: () => tenantOf(client, common.tenant) };
}

async function tenantOf(client: VaultClient, option: string | undefined): Promise<string> {
  const named = namedTenant(option);
  if (named !== undefined) return named;
  const { text } = await client.json({ method: 'GET', path: '/admin/v1/whoami', repeat: 'always' });
  const { tenant } = JSON.parse(text) as { tenant: string | null };
  if (tenant !== null) return tenant;
  throw new Failure(
    EXIT.usage,
    'root reaches every tenant: name the one that is meant with --tenant or KEYROTATOR_TENANT',
  );
}

function positive(given: string): number {
  if (!/^[1-9]\d{0,14}$/.test(given)) throw new InvalidArgumentError('It takes a whole number from 1 on.');
  return Number(given);
}
