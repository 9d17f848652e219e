/** Carries out a command that is one request, and prints what comes of it. */
import { randomUUID } from 'node:crypto';
import { isSlug } from '../../domain/slug.ts';
import { askForAssent } from './ask-assent.ts';
import { EXIT, Failure } from './failure.ts';
import { type Extent, printList } from './lists.ts';
import { plainLines } from './plain-text.ts';
import type { Printer } from './printer.ts';
import { askForSecret, readSecret } from './read-input.ts';
import { pathArguments, type Verb } from './resource.ts';
import type { Row } from './tables.ts';
import type { VaultClient, VaultRequest } from './vault-client.ts';

/** What was typed for one command. */
export interface Given {
  readonly arguments: readonly string[];
  /** By the names of members. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly extent: Extent;
  readonly ifMatch: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly keyFile: string | undefined;
  readonly confirm: string | undefined;
  /** It is meant, though it cannot be taken back. */
  readonly yes: boolean;
  readonly root: boolean;
}

/** What a command works with. */
export interface Session {
  readonly client: VaultClient;
  readonly printer: Printer;
  /** The tenant that `--tenant` names. */
  readonly tenantOption: string | undefined;
  /** The slug of the tenant that is meant. */
  tenant(): Promise<string>;
}

/** A list in pages has its rows here. */
const PAGED = 'data';

export async function perform(verb: Verb, given: Given, start: () => Promise<Session>): Promise<void> {
  requireConfirmation(verb, given);
  if (verb.irrevocable !== undefined && !given.yes) await askForAssent(verb.irrevocable);
  const members = await membersOf(verb, given);
  const session = await start();
  const { client, printer } = session;
  const request = await requestOf(verb, given, { ...members, ...narrowing(verb, session) }, session);
  if (verb.prints === 'nothing') return void (await client.send(request));
  if (verb.prints === 'file') return printFile(await client.send(request), printer);
  if (verb.prints === 'record') {
    const { text, headers } = await client.json(request);
    const etag = verb.name === 'show' ? headers.get('etag') : null;
    printer.record(text, etag === null ? {} : { etag });
    if (verb.next !== undefined) printer.hint(verb.next);
    return;
  }
  const { columns, of = PAGED } = verb.prints;
  if (of === PAGED) return printList(client, request, given.extent, printer, verb.prints);
  const { text } = await client.json(request);
  if (printer.manner.json) return printer.record(text);
  const answer = JSON.parse(text) as Row;
  const rows = (answer[of] ?? []) as readonly Row[];
  if (rows.length > 0) printer.table(columns.filter((column) => rows.some((row) => column in row)))(rows);
  else if (verb.none !== undefined) printer.hint(verb.none);
  if (verb.next !== undefined && answer[`more_${of}`] === true) printer.hint(verb.next);
}

async function requestOf(verb: Verb, given: Given, members: Row, session: Session): Promise<VaultRequest> {
  const { method } = verb;
  const path = `/admin/v1${await pathOf(verb, given, session)}`;
  const hasBody = method === 'POST' || method === 'PATCH';
  return {
    method,
    path,
    ...(hasBody
      ? { body: { type: 'application/json', content: JSON.stringify(members) } }
      : { query: Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)])) }),
    headers: {
      ...(method === 'POST' ? { 'idempotency-key': given.idempotencyKey ?? randomUUID() } : {}),
      ...(given.ifMatch === undefined ? {} : { 'if-match': quoted(given.ifMatch) }),
    },
    repeat: method === 'GET' || method === 'POST' ? 'always' : 'never',
    arguments: verb.arguments ?? [],
  };
}

function narrowing(verb: Verb, { tenantOption: tenant }: Session): Row {
  if (!verb.narrowedByTenant || tenant === undefined) return {};
  requireForm('tenant', tenant);
  return { tenant };
}

async function membersOf(verb: Verb, given: Given): Promise<Row> {
  const places = pathArguments(verb.path).length;
  const named = (verb.arguments ?? []).map((member, at): [string, unknown] => [
    member,
    given.arguments[places + at],
  ]);
  const members = { ...verb.fixed, ...Object.fromEntries(named), ...given.members };
  if (verb.method === 'PATCH' && Object.keys(members).length === 0) {
    throw new Failure(EXIT.usage, 'there is nothing to change: name it with an option, --help lists them');
  }
  if (verb.confirm) return { ...members, confirm: given.confirm };
  return verb.secret === undefined
    ? members
    : { ...members, [verb.secret]: await providerKey(given.keyFile) };
}

function providerKey(file: string | undefined): Promise<string> {
  const instead = 'give the key in a file, --key-file PATH, or on standard input, --key-file -';
  return file === undefined ? askForSecret('Key', new Failure(EXIT.usage, instead)) : readSecret(file, 'Key');
}

/** Nothing gets into the path that would lead elsewhere. */
async function pathOf(verb: Verb, given: Given, session: Session): Promise<string> {
  const path = given.root && verb.rootPath !== undefined ? verb.rootPath : verb.path;
  const values = new Map(pathArguments(path).map((name, at) => [name, given.arguments[at] ?? '']));
  if (path.includes('/:tenant/')) values.set('tenant', await session.tenant());
  for (const [name, value] of values) requireForm(name, value);
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values.get(name) ?? ''));
}

function requireForm(name: string, value: string): void {
  const isId = name === 'id' || name === 'delivery';
  if (isId ? /^[\w-]{1,64}$/.test(value) : isSlug(value)) return;
  const form = isId ? 'its number, which list shows' : 'a slug: lower-case letters, digits and hyphens';
  throw new Failure(EXIT.usage, `${name.toUpperCase()} takes ${form}`);
}

function requireConfirmation(verb: Verb, given: Given): void {
  const [slug = ''] = given.arguments;
  if (!verb.confirm || given.confirm === slug) return;
  requireForm('slug', slug);
  throw new Failure(EXIT.usage, `this deletes ${slug} and everything in it: add --confirm ${slug}`);
}

const TEXT = /^(?:text\/|application\/x-ndjson)/;

/** As it comes. Throws a {@link Failure} where it ends short. */
async function printFile(response: Response, printer: Printer): Promise<void> {
  if (printer.forPeople && !TEXT.test(response.headers.get('content-type') ?? '')) {
    throw new Failure(EXIT.usage, 'that is nothing for a terminal: redirect it to a file, > FILE');
  }
  const decoder = new TextDecoder();
  try {
    for await (const part of response.body ?? []) {
      if (printer.forPeople) printer.write(plainLines(decoder.decode(part, { stream: true })));
      else printer.bytes(part);
    }
  } catch {
    throw new Failure(EXIT.failed, 'the file ended short: what was printed is not all of it, try again');
  }
}

/** An entity tag as the header wants it, also where a shell has eaten its quotes. */
function quoted(tag: string): string {
  return tag === '*' || /^(?:W\/)?".*"$/.test(tag) ? tag : `"${tag}"`;
}
