import { choice, text, time } from '../options.ts';
import { list, type Resource } from '../resource.ts';

const ALL = '/tenants/:tenant/audit';

const VAULT = '/audit';

const RANGE = { from: time('from then on'), to: time('until then') };

const FILTERS = {
  ...RANGE,
  type: text('of this type, such as key.rotated'),
  actor: text('by whoever has this name'),
};
const FILE = {
  ...RANGE,
  format: choice(['ndjson', 'csv', 'parquet'], 'else ndjson, a line of JSON for each entry'),
};
const COLUMNS = ['id', 'at', 'type', 'actor.name', 'actor.role', 'target', 'outcome', 'reason'];

export const AUDIT: Resource = {
  name: 'audit',
  about: 'Who changed what.',
  verbs: [
    list(ALL, COLUMNS, {
      about: 'Lists what was changed, newest first.',
      options: FILTERS,
      examples: ['audit list --limit 50', 'audit list --type key.created --actor root --json'],
    }),
    {
      name: 'export',
      about: 'Prints all of it as a file, oldest first.',
      method: 'GET',
      path: `${ALL}/export`,
      prints: 'file',
      options: FILE,
      examples: [
        'audit export > audit.ndjson',
        'audit export --format parquet > audit.parquet',
        'audit export --format csv --from 2026-01-01T00:00:00Z > audit.csv',
      ],
    },
    {
      ...list(VAULT, [...COLUMNS.slice(0, 2), 'tenant', ...COLUMNS.slice(2)], {
        about:
          'Lists what was changed in the whole vault, by root itself and in deleted tenants, too; --tenant narrows it.',
        options: FILTERS,
        narrowedByTenant: true,
        examples: ['audit list-all --type tenant.deleted', 'audit list-all --tenant acme --limit 20'],
      }),
      name: 'list-all',
    },
    {
      name: 'export-all',
      about: 'Prints all of that as a file, oldest first; --tenant narrows it.',
      method: 'GET',
      path: `${VAULT}/export`,
      prints: 'file',
      options: FILE,
      narrowedByTenant: true,
      examples: [
        'audit export-all > audit.ndjson',
        'audit export-all --tenant acme --format csv > audit.csv',
      ],
    },
  ],
};
