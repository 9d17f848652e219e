import type { IForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser';

type From = IRegularForbiddenRuleType['from'];
type To = IRegularForbiddenRuleType['to'];

/** The rooms of src, from the top down: a room imports from the levels below its own, never from a sibling. */
const LEVELS = [
  ['main', 'cli'],
  ['service'],
  ['http', 'jobs'],
  ['operations'],
  ['storage', 'vault', 'webhooks', 'mail'],
  ['audit', 'events', 'contract'],
  ['domain'],
];

/** What each room may import besides itself. `config` and `console` stand beside the levels. */
const MAY_IMPORT = new Map<string, string[]>([
  ...LEVELS.flatMap((rooms, level) =>
    rooms.map((room): [string, string[]] => [room, LEVELS.slice(level + 1).flat()]),
  ),
  ['config', ['domain']],
  ['console', ['contract']],
]);
for (const room of ['main', 'cli', 'service']) MAY_IMPORT.get(room)?.push('config');

function inRooms(rooms: Iterable<string>): string {
  return `^src/(?:${[...rooms].join('|')})(?:/|\\.ts$)`;
}

function forbid(name: string, from: From, to: To): IForbiddenRuleType {
  return { name, severity: 'error', from, to };
}

/** Matches each file of src that lies in a known room. */
export const KNOWN_ROOM = new RegExp(inRooms(MAY_IMPORT.keys()));

/** The structure of src as dependency-cruiser rules; the name of a rule says what it wants. */
export const STRUCTURE_RULES: IForbiddenRuleType[] = [
  ...[...MAY_IMPORT].map(([room, below]) =>
    forbid(
      `${room} imports only from ${[room, ...below].join(', ')}`,
      { path: inRooms([room]) },
      { path: '^src/', pathNot: inRooms([room, ...below]) },
    ),
  ),
  forbid('src imports nothing beside it', { path: '^src/' }, { path: '^(?:test|scripts|db)/.*\\.ts$' }),
  forbid(
    'the command line imports only contract, domain and the environment',
    { path: '^src/cli/(?:admin/|keyrotator\\.ts$)' },
    { path: '^src/', pathNot: '^src/(?:cli/(?:admin/|steps\\.ts$)|contract/|domain/|config/env\\.ts$)' },
  ),
  forbid('no cycles', {}, { circular: true }),
  forbid(
    'better-sqlite3 only in src/storage/sqlite',
    { pathNot: '^src/storage/sqlite/' },
    { path: '(?:^|/)better-sqlite3(?:/|$)' },
  ),
  forbid(
    'node-cron only in src/jobs/schedule.ts',
    { pathNot: '^src/jobs/schedule\\.ts$' },
    { path: '(?:^|/)node-cron(?:/|$)' },
  ),
  forbid(
    'nodemailer only in src/mail/send-mail.ts',
    { path: '^src/', pathNot: '^src/mail/send-mail\\.ts$' },
    { path: '(?:^|/)nodemailer(?:/|$)' },
  ),
  forbid(
    '@opentelemetry only in src/service/tracing',
    { path: '^src/', pathNot: '^src/service/tracing/' },
    { path: '(?:^|/)@opentelemetry/' },
  ),
  forbid(
    'of src/http/openapi only text.ts is loaded by the service',
    { path: '^src/', pathNot: '^src/http/openapi/' },
    { path: '^src/http/openapi/', pathNot: '/text\\.ts$' },
  ),
  forbid(
    'domain and contract use nothing of Node',
    { path: inRooms(['domain', 'contract']) },
    { dependencyTypes: ['core'] },
  ),
  forbid('every import is found', { path: '^src/' }, { couldNotResolve: true }),
  forbid(
    'src runs without development packages',
    { path: '^src/', pathNot: '^src/console/' },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
];
