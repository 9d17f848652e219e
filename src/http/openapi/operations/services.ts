import { deliveryList } from '../../../contract/queries.ts';
import { rotationView, serviceList, serviceView } from '../../../contract/services.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';

const SERVICE = {
  id: 1,
  slug: 'openai',
  name: 'OpenAI',
  policy: 'manual',
  rotate_every_minutes: null,
  on_expiry: 'retire',
  rotation_schedule: null,
  timezone: 'Europe/Berlin',
  day_resets_at: '00:00',
  max_daily_requests: 10000,
  warn_at_percent: 80,
  max_age_seconds: 0,
  enabled: true,
  current_key_id: null,
  usage_today: 0,
  keys: 0,
  created_at: MADE_AT,
  updated_at: MADE_AT,
};
const IN_USE = { ...SERVICE, current_key_id: 1, usage_today: 42, keys: 2 };

export const SERVICES: Operations = {
  'GET /tenants/:tenant/services': {
    id: 'listServices',
    summary: 'List the services of a tenant',
    answer: shown(serviceList, onePage(IN_USE)),
  },
  'POST /tenants/:tenant/services': {
    id: 'createService',
    summary: 'Make a service',
    takes: { slug: 'openai', name: 'OpenAI', timezone: 'Europe/Berlin', max_daily_requests: 10000 },
    answer: made(serviceView, SERVICE),
  },
  'GET /tenants/:tenant/services/:service': {
    id: 'getService',
    summary: 'Show a service',
    answer: shown(serviceView, IN_USE),
  },
  'PATCH /tenants/:tenant/services/:service': {
    id: 'updateService',
    summary: 'Change a service',
    takes: { policy: 'time', rotation_schedule: '0 3 * * 1', on_expiry: 'cycle' },
    answer: shown(serviceView, {
      ...IN_USE,
      policy: 'time',
      rotation_schedule: '0 3 * * 1',
      on_expiry: 'cycle',
    }),
  },
  'DELETE /tenants/:tenant/services/:service': {
    id: 'deleteService',
    summary: 'Delete a service with its keys',
    answer: GONE,
  },
  'POST /tenants/:tenant/services/:service/rotate': {
    id: 'rotateService',
    summary: 'Make the next key the current one',
    description:
      'Or the key that `to_key_id` names. It is a 409 where no other key is usable, or the policy has no current key (`usage`, `failover`).',
    takes: { retire_old: true, grace_seconds: 600, reason: 'quarterly rotation' },
    answer: shown(rotationView, { from_key_id: 1, to_key_id: 2 }),
  },
  'GET /tenants/:tenant/services/:service/deliveries': {
    id: 'listDeliveries',
    summary: 'List who got which key, and when',
    description: 'Newest first.',
    answer: shown(
      deliveryList,
      onePage({
        delivery_id: '01JQ2V6Z8M4T5N7P9R0S1T2V3W',
        at: MADE_AT,
        key_id: 1,
        app_id: null,
        ip: '192.0.2.7',
        masked: false,
        usage_today: 42,
      }),
    ),
  },
};
