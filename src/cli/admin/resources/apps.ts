import {
  choice,
  end,
  flag,
  limit,
  list as listOf,
  numbers,
  required,
  slugsOrAll,
  tag,
  tags,
  text,
  texts,
  wholeNumber,
} from '../options.ts';
import { action, create, list, type Resource, remove, show, update } from '../resource.ts';
import { APP_USAGE_OPTIONS, USAGE_COLUMNS } from './usage.ts';

const ALL = '/tenants/:tenant/apps';
const ONE = `${ALL}/:id`;

const MEMBERS = {
  description: text('what it does'),
  environment: text('where it runs, such as production'),
  tags: tags('a tag; those that are named are all it has'),
  services: slugsOrAll('the services that it may reach, or all'),
  groups: listOf('slug', 'groups whose services it may reach, too'),
  allowed_ips: listOf('address', 'addresses and blocks that may use its token; an empty one allows all'),
  denied_ips: listOf('address', 'addresses and blocks that may not'),
  allowed_origins: listOf('origin', 'origins of pages that may, scheme://host[:port]'),
  allowed_referrers: texts('url', 'pages that may, as a URL whose path may end in *'),
  allowed_user_agents: texts('pattern', 'programs that may, * for any run of characters'),
  blocked_countries: listOf(
    'country',
    'countries whose addresses may not, such as DE, and ZZ for one that is not known',
  ),
  require_https: flag('only by https'),
  require_signature: flag('only with a signature; what turns it on prints the secret for it, this once'),
  max_daily_requests: limit('the daily limit'),
  rate_limit: numbers(['per_second', 'per_minute', 'per_hour', 'burst'], 'how often it gets a key'),
  expires_at: end('until when its token works'),
  enabled: flag('its token works'),
};

export const APP: Resource = {
  name: 'app',
  about:
    'Programs with a token of their own, which says what they reach, from where, how often and until when.',
  verbs: [
    list(ALL, ['id', 'name', 'environment', 'status', 'services', 'groups', 'usage_today', 'last_used_at'], {
      about: 'Lists apps.',
      options: {
        status: choice(['active', 'disabled', 'expired'], 'only these'),
        q: text('some of the name'),
        tag: tag('with this tag'),
      },
      examples: ['app list', 'app list --status active --limit 10', 'app list --tag team=search'],
    }),
    show(ONE, { about: 'Shows an app.', examples: ['app show 1'] }),
    create(ALL, {
      about: 'Makes an app, and prints its token, this once.',
      arguments: ['name'],
      options: MEMBERS,
      examples: [
        'app create worker --services openai,anthropic --allowed-ips 10.0.0.0/8',
        'app create billing --services openai --require-signature --json > billing.json',
        'app create search --groups llm --max-daily-requests 5000 --quiet > app-token',
      ],
    }),
    update(ONE, {
      about: 'Changes an app.',
      options: { name: text('what people call it'), ...MEMBERS },
      examples: [
        'app update 1 --services all --rate-limit per_second=5,burst=20,per_hour=none',
        "app update 1 --allowed-ips '' --require-https",
      ],
    }),
    remove(ONE, {
      about: 'Deletes an app: its token opens nothing from the next request on.',
      options: { reason: text('why, for the audit trail') },
      examples: ['app delete 1 --reason "shut down"'],
    }),
    action('rotate-token', `${ONE}/rotate-token`, {
      about: 'Makes a new token in the place of the old one, and prints it, this once.',
      options: {
        grace_seconds: wholeNumber('for how long the old one goes on working; else it ends at once'),
      },
      examples: ['app rotate-token 1 --grace-seconds 600', 'app rotate-token 1 --quiet > app-token'],
    }),
    action('rotate-signing-secret', `${ONE}/rotate-signing-secret`, {
      about: 'Makes a new secret for signed requests in the place of the old one, and prints it, this once.',
      options: {
        grace_seconds: wholeNumber('for how long the old one goes on working; else it ends at once'),
      },
      examples: ['app rotate-signing-secret 2 --quiet > signing-secret'],
    }),
    action('enable', `${ONE}/enable`, { about: 'Lets its token work again.', examples: ['app enable 1'] }),
    action('disable', `${ONE}/disable`, {
      about: 'Has its token refused.',
      options: {
        reason: required(text('why')),
        auto_enable_after_seconds: wholeNumber('after so long it is enabled again; else not by itself'),
      },
      examples: [
        'app disable 1 --reason "runs away"',
        'app disable 1 --reason pause --auto-enable-after-seconds 600',
      ],
    }),
    {
      name: 'usage',
      about: 'Counts deliveries to an app and refusals, over time.',
      method: 'GET',
      path: `${ONE}/usage`,
      prints: { columns: USAGE_COLUMNS, of: 'buckets' },
      options: APP_USAGE_OPTIONS,
      examples: ['app usage 1 --granularity day --group-by service'],
    },
  ],
};
