import {
  appList,
  appTokenView,
  appView,
  changedAppView,
  madeAppView,
  signingSecretView,
} from '../../../contract/apps.ts';
import { usageView } from '../../../contract/queries.ts';
import { GONE, MADE_AT, made, type Operations, onePage, shown } from '../operation.ts';
import { USAGE } from './records.ts';

const APP_TOKEN = 'kra_…';
const SIGNING_SECRET = 'krs_…';
const APP = {
  id: 1,
  name: 'Checkout',
  description: '',
  environment: 'production',
  tags: { team: 'payments' },
  services: ['openai'],
  groups: [],
  reach: [{ service: 'openai', direct: true, groups: [] }],
  allowed_ips: ['192.0.2.0/24'],
  denied_ips: [],
  allowed_origins: [],
  allowed_referrers: [],
  allowed_user_agents: [],
  blocked_countries: [],
  require_https: false,
  require_signature: false,
  max_daily_requests: 1000,
  rate_limit: { per_second: 10, per_minute: null, per_hour: null, burst: 20 },
  expires_at: null,
  enabled: true,
  status: 'active',
  disabled_reason: null,
  auto_enable_at: null,
  token_prefix: 'kra_x7Qd',
  last_used_at: null,
  usage_today: 0,
  created_at: MADE_AT,
  updated_at: MADE_AT,
};
const DISABLED = {
  ...APP,
  enabled: false,
  status: 'disabled',
  disabled_reason: 'too many requests',
  auto_enable_at: '2026-03-01T13:00:00.000Z',
};

export const APPS: Operations = {
  'GET /tenants/:tenant/apps': {
    id: 'listApps',
    summary: 'List the apps of a tenant',
    answer: shown(appList, onePage(APP)),
  },
  'POST /tenants/:tenant/apps': {
    id: 'createApp',
    summary: 'Make an app',
    description:
      'It reaches no service until `services` or `groups` name some. The answer has its token, which is shown this once.',
    takes: {
      name: 'Checkout',
      environment: 'production',
      tags: { team: 'payments' },
      services: ['openai'],
      allowed_ips: ['192.0.2.0/24'],
      max_daily_requests: 1000,
      rate_limit: { per_second: 10, burst: 20 },
    },
    answer: made(madeAppView, { ...APP, app_token: APP_TOKEN }),
  },
  'GET /tenants/:tenant/apps/:id': { id: 'getApp', summary: 'Show an app', answer: shown(appView, APP) },
  'PATCH /tenants/:tenant/apps/:id': {
    id: 'updateApp',
    summary: 'Change an app',
    description:
      'Where it turns `require_signature` on, the answer has its secret, which is shown this once.',
    takes: { services: 'all', allowed_ips: [], require_signature: true },
    answer: shown(changedAppView, {
      ...APP,
      services: 'all',
      reach: 'all',
      allowed_ips: [],
      require_signature: true,
      signing_secret: SIGNING_SECRET,
    }),
  },
  'DELETE /tenants/:tenant/apps/:id': { id: 'deleteApp', summary: 'Delete an app', answer: GONE },
  'POST /tenants/:tenant/apps/:id/rotate-token': {
    id: 'rotateAppToken',
    summary: 'Make a new token for an app',
    description: 'The old one serves on for the grace.',
    takes: { grace_seconds: 3600 },
    answer: shown(appTokenView, {
      app_token: APP_TOKEN,
      previous_valid_until: '2026-03-01T13:00:00.000Z',
    }),
  },
  'POST /tenants/:tenant/apps/:id/rotate-signing-secret': {
    id: 'rotateSigningSecret',
    summary: 'Make a new signing secret for an app',
    description: 'The old one is valid on for the grace. It is a 409 where the app wants no signatures.',
    takes: { grace_seconds: 3600 },
    answer: shown(signingSecretView, {
      signing_secret: SIGNING_SECRET,
      previous_valid_until: '2026-03-01T13:00:00.000Z',
    }),
  },
  'POST /tenants/:tenant/apps/:id/disable': {
    id: 'disableApp',
    summary: 'Switch an app off',
    takes: { reason: 'too many requests', auto_enable_after_seconds: 3600 },
    answer: shown(appView, DISABLED),
  },
  'POST /tenants/:tenant/apps/:id/enable': {
    id: 'enableApp',
    summary: 'Switch an app on',
    takes: {},
    answer: shown(appView, APP),
  },
  'GET /tenants/:tenant/apps/:id/usage': {
    id: 'showAppUsage',
    summary: 'Deliveries and refusals of an app over time',
    answer: shown(usageView, USAGE),
  },
};
