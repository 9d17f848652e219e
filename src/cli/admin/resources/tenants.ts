import { choice, flag, list as listOf, settings, text, wholeNumber } from '../options.ts';
import { action, create, list, type Resource, remove, show, update } from '../resource.ts';

const STATUSES = ['active', 'suspended'];

const MEMBERS = {
  name: text('what people call it'),
  status: choice(STATUSES, 'suspended refuses all of its tokens'),
  demo: flag('its keys are always masked, and deliveries throttled'),
  allowed_ips: listOf('address', 'addresses and blocks that may ask for keys; an empty one allows all'),
  denied_ips: listOf('address', 'addresses and blocks that may not'),
  suspicion: settings(
    ['new_address'],
    ['rate_factor', 'refusals_per_minute'],
    'what access.suspicious tells of',
  ),
};

export const TENANT: Resource = {
  name: 'tenant',
  about: 'Customers or teams, of which none sees anything of the others.',
  verbs: [
    list('/tenants', ['slug', 'name', 'status', 'demo', 'created_at'], {
      about: 'Lists tenants.',
      options: { status: choice(STATUSES, 'only these'), q: text('some of the name or slug') },
      examples: ['tenant list', 'tenant list --status suspended --json'],
    }),
    show('/tenants/:slug', { about: 'Shows a tenant.', examples: ['tenant show acme'] }),
    create('/tenants', {
      about: 'Makes a tenant, and prints its client token, this once.',
      arguments: ['slug'],
      options: MEMBERS,
      examples: [
        'tenant create globex',
        'tenant create initech --name Initech --allowed-ips 10.0.0.0/8,192.0.2.7 --quiet',
      ],
    }),
    update('/tenants/:slug', {
      about: 'Changes a tenant.',
      options: MEMBERS,
      examples: [
        'tenant update acme --name "ACME Corp."',
        'tenant update acme --status suspended',
        'tenant update acme --suspicion new_address=off,rate_factor=20',
      ],
    }),
    remove('/tenants/:slug', {
      about: 'Deletes a tenant with everything in it: its secrets are gone from the vault.',
      options: { reason: text('why, for the audit trail') },
      confirm: true,
      examples: ['tenant delete acme --confirm acme --reason "contract ended"'],
    }),
    action('rotate-token', '/tenants/:slug/client-token/rotate', {
      about: 'Makes a new client token in the place of the old one, and prints it, this once.',
      options: {
        grace_seconds: wholeNumber('for how long the old one goes on working; else it ends at once'),
      },
      examples: ['tenant rotate-token acme --grace-seconds 3600', 'tenant rotate-token acme --quiet'],
    }),
  ],
};
