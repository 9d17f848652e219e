import { z } from 'zod';
import { importView, keyList, keyView, newKey } from '../../../contract/keys.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const KEYS = '/tenants/:tenant/services/:service/keys';
const KEY = {
  id: 1,
  label: 'Primary',
  state: 'active',
  current: true,
  weight: 1,
  position: 1,
  max_daily_requests: null,
  expires_at: null,
  bucket: null,
  tags: { environment: 'production' },
  activated_at: MADE_AT,
  retires_at: null,
  disabled_reason: null,
  auto_enable_at: null,
  decrypt_failed: false,
  cooling_until: null,
  masked_key: 'sk-••••••••••••••••••••••••zzZZ',
  usage_today: 0,
  last_delivered_at: null,
  created_at: MADE_AT,
  updated_at: MADE_AT,
};
const DISABLED = {
  ...KEY,
  state: 'disabled',
  disabled_reason: 'the provider asked for it',
  auto_enable_at: '2026-03-01T13:00:00.000Z',
};

export const KEYS_OPERATIONS: Operations = {
  [`GET ${KEYS}`]: {
    id: 'listKeys',
    summary: 'List the keys of a service',
    description: 'Masked: no answer has a key in clear.',
    answer: shown(keyList, onePage(KEY)),
  },
  [`POST ${KEYS}`]: {
    id: 'createKey',
    summary: 'Add a key',
    description:
      'Under `manual` and `time` the first key is current at once and the others stand by; under `usage` and `failover` all are active.',
    takes: {
      label: 'Primary',
      key: 'sk-an-example-that-opens-nothing-zzZZ',
      tags: { environment: 'production' },
    },
    answer: made(keyView, KEY),
  },
  [`POST ${KEYS}/import`]: {
    id: 'importKeys',
    summary: 'Add many keys at once',
    description:
      'Up to 64 MiB. A row that is wrong, or a key that is there already, is reported and leaves the others alone; a body that is no UTF-8 adds nothing. CSV has a header line that names `label`, `key` and any of `weight`, `position`, `max_daily_requests`, `expires_at` and `bucket`.',
    bodies: {
      'application/json': {
        schema: z.array(newKey),
        example: [
          { label: 'Second', key: 'sk-another-example-that-opens-nothing' },
          { label: 'Again', key: 'sk-another-example-that-opens-nothing' },
        ],
      },
      'text/csv': {
        schema: z.string(),
        example: 'label,key,weight\r\nThird,sk-a-third-example-that-opens-nothing,2\r\n',
      },
    },
    answer: shown(importView, {
      added: 1,
      rows: [
        { row: 1, id: 2 },
        { row: 2, error: 'the same key as row 1' },
      ],
    }),
  },
  [`GET ${KEYS}/:id`]: {
    id: 'getKey',
    summary: 'Show a key',
    description: 'Masked: no answer has a key in clear.',
    answer: shown(keyView, KEY),
  },
  [`PATCH ${KEYS}/:id`]: {
    id: 'updateKey',
    summary: 'Change a key',
    description: 'All but the key itself: for a new one add a key and rotate to it.',
    takes: { weight: 3, tags: { environment: null, team: 'search' } },
    answer: shown(keyView, { ...KEY, weight: 3, tags: { team: 'search' } }),
  },
  [`DELETE ${KEYS}/:id`]: {
    id: 'deleteKey',
    summary: 'Delete a key',
    answer: GONE,
  },
  [`POST ${KEYS}/:id/disable`]: {
    id: 'disableKey',
    summary: 'Take a key out of service',
    takes: { reason: 'the provider asked for it', auto_enable_after_seconds: 3600 },
    answer: shown(keyView, DISABLED),
  },
  [`POST ${KEYS}/:id/enable`]: {
    id: 'enableKey',
    summary: 'Bring a key back',
    takes: {},
    answer: shown(keyView, KEY),
  },
};
