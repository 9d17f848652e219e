import { z } from 'zod';
import { holdersView } from '../../../contract/key-holders.ts';
import { burnedKeyView, importView, keyList, keyView, newKey } from '../../../contract/keys.ts';
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
  drained_at: null,
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

const HOLDER = { app_id: null, ip: '192.0.2.7', first_at: MADE_AT, last_at: MADE_AT };

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
      'Up to 64 MiB. Beyond 256 KiB one is taken at a time of a tenant, and two in all; the next one is a 429 with `Retry-After`. A row that is wrong, or a key that is there already, is reported and leaves the others alone; a body that is no UTF-8 adds nothing. CSV has a header line that names `label`, `key` and any of `weight`, `position`, `max_daily_requests`, `expires_at` and `bucket`.',
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
  [`POST ${KEYS}/:id/burn`]: {
    id: 'burnKey',
    summary: 'Burn a key: it is never handed out again',
    description:
      'For a key that has leaked. The service moves on to the next one, and the answer lists everybody who was ever handed this one unmasked: no delivery that was under way is missing from it. A burned key cannot be enabled again.',
    takes: { reason: 'found in a public repository' },
    answer: shown(burnedKeyView, {
      ...KEY,
      state: 'burned',
      current: false,
      disabled_reason: 'found in a public repository',
      holders: [HOLDER],
      more_holders: false,
    }),
  },
  [`GET ${KEYS}/:id/holders`]: {
    id: 'listHolders',
    summary: 'List who holds a key',
    description:
      'Every app and address that was ever handed the key unmasked, as long as there is the key. Once it is handed out no more, each with the newest other key of the service that it was given since. When a key that is retiring or burned has nobody left who was not given another one, `drained` says so, within ten seconds.',
    answer: shown(holdersView, {
      ...onePage({ ...HOLDER, newer_key_id: null, newer_at: null }),
      drained: false,
      drained_at: null,
    }),
  },
  [`POST ${KEYS}/:id/enable`]: {
    id: 'enableKey',
    summary: 'Bring a key back',
    takes: {},
    answer: shown(keyView, KEY),
  },
};
