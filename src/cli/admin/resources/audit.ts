import { choice, text, time } from '../options.ts';
import { list, type Resource } from '../resource.ts';

const ALL = '/tenants/:tenant/audit';

const RANGE = { from: time('from then on'), to: time('until then') };

export const AUDIT: Resource = {
  name: 'audit',
  about: 'Who changed what.',
  verbs: [
    list(ALL, ['id', 'at', 'type', 'actor.name', 'actor.role', 'target', 'outcome', 'reason'], {
      about: 'Lists what was changed, newest first.',
      options: {
        ...RANGE,
        type: text('of this type, such as key.rotated'),
        actor: text('by whoever has this name'),
      },
      examples: ['audit list --limit 50', 'audit list --type key.created --actor root --json'],
    }),
    {
      name: 'export',
      about: 'Prints all of it as a file, oldest first.',
      method: 'GET',
      path: `${ALL}/export`,
      prints: 'file',
      options: {
        ...RANGE,
        format: choice(['ndjson', 'csv', 'parquet'], 'else ndjson, a line of JSON for each entry'),
      },
      examples: [
        'audit export > audit.ndjson',
        'audit export --format parquet > audit.parquet',
        'audit export --format csv --from 2026-01-01T00:00:00Z > audit.csv',
      ],
    },
  ],
};
