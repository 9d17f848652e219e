import { z } from 'zod';
import { isUserAgentRule, parseOriginRule, parseReferrerRule } from '../domain/client-rules.ts';
import { isCountry } from '../domain/country.ts';
import {
  count,
  dailyLimit,
  disableBody,
  expiry,
  graceBody,
  ipList,
  label,
  listOf,
  shownId,
  shownTime,
  slug,
  tags,
  text,
  type View,
} from './common.ts';

/** Patterns, each of which `isRule`; `why` says what one is. */
const rules = (isRule: (text: string) => boolean, why: string) =>
  z.array(z.string().max(2000).refine(isRule, why)).max(100, 'must be at most 100 entries');

/** How often: null is no such limit. */
const rate = (max: number) =>
  z
    .int('must be a whole number, or null for no limit')
    .min(1, 'must be at least 1, or null for no limit')
    .max(max, `must be at most ${max}`)
    .nullable();

const rateLimitMembers = z.strictObject({
  per_second: rate(100_000).describe('By each replica for itself.'),
  per_minute: rate(10_000_000).describe("Exact, in each minute of UTC's clock."),
  per_hour: rate(1_000_000_000).describe("Exact, in each hour of UTC's clock."),
  burst: rate(1_000_000).describe('How many at once under `per_second`; null: as many as in a second.'),
});

/** A create and a change take it alike; what they leave out is none, or as it was. */
const rateLimit = rateLimitMembers
  .partial()
  .nullable()
  .describe('How often it gets a key. A member that is null or left out is no limit; PATCH merges.');

const NO_COUNTRY = 'must be a code of ISO 3166-1 such as DE, or ZZ for a country that is not known';

const members = {
  name: label,
  description: text,
  environment: text.max(100, 'must be at most 100 characters'),
  tags,
  services: z
    .union([z.literal('all'), z.array(slug).max(10_000)], 'must be "all" or a list of service slugs')
    .describe('The slugs that it may reach, or `all`.'),
  groups: z
    .array(slug)
    .max(100, 'must be at most 100 groups')
    .describe('Groups whose services it reaches, too.'),
  allowed_ips: ipList,
  denied_ips: ipList,
  allowed_origins: rules(
    (text) => parseOriginRule(text) !== null,
    'must be scheme://host[:port] of http or https, where the leftmost label of the host may be *',
  ).describe('`scheme://host[:port]`, where the leftmost label may be `*`.'),
  allowed_referrers: rules(
    (text) => parseReferrerRule(text) !== null,
    'must be a URL of http or https without a fragment, whose path may end in *',
  ).describe('URLs whose path may end in `*`.'),
  allowed_user_agents: rules(
    isUserAgentRule,
    'must be 1 to 500 characters without control characters',
  ).describe('`*` stands for any run of characters.'),
  blocked_countries: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z]{2}$/, { error: NO_COUNTRY, abort: true })
        .toUpperCase()
        .refine(isCountry, NO_COUNTRY),
    )
    .max(300, 'must be at most 300 entries')
    .overwrite((codes) => [...new Set(codes)])
    .describe('Codes of ISO 3166-1, and `ZZ` for a client whose country is not known.'),
  require_https: z
    .boolean()
    .describe('By the connection, or by what a trusted proxy says in `X-Forwarded-Proto`.'),
  require_signature: z.boolean().describe('Its requests are to be signed, each with a nonce of its own.'),
  max_daily_requests: dailyLimit,
  rate_limit: rateLimit,
  expires_at: expiry,
  enabled: z.boolean(),
};

export const newApp = z
  .strictObject({
    name: members.name,
    description: members.description.default(''),
    environment: members.environment.default(''),
    tags: members.tags.default({}),
    services: members.services.default([]),
    groups: members.groups.default([]),
    allowed_ips: members.allowed_ips.default([]),
    denied_ips: members.denied_ips.default([]),
    allowed_origins: members.allowed_origins.default([]),
    allowed_referrers: members.allowed_referrers.default([]),
    allowed_user_agents: members.allowed_user_agents.default([]),
    blocked_countries: members.blocked_countries.default([]),
    require_https: members.require_https.default(false),
    require_signature: members.require_signature.default(false),
    max_daily_requests: members.max_daily_requests.default(null),
    rate_limit: members.rate_limit.default(null),
    expires_at: members.expires_at.default(null),
    enabled: members.enabled.default(true),
  })
  .meta({ id: 'NewApp' });
export type NewApp = z.output<typeof newApp>;

export const appPatch = z.strictObject(members).partial().meta({ id: 'AppPatch' });
export type AppPatch = z.output<typeof appPatch>;

export const rotateAppToken = graceBody;
export const rotateSigningSecret = graceBody;
export const disableApp = disableBody;

export const appView = z
  .object({
    id: shownId,
    name: z.string(),
    description: z.string(),
    environment: z.string(),
    tags: z.record(z.string(), z.string()),
    services: z.union([z.literal('all'), z.array(z.string())]),
    groups: z.array(z.string()),
    reach: z
      .union([
        z.literal('all'),
        z.array(z.object({ service: z.string(), direct: z.boolean(), groups: z.array(z.string()) })),
      ])
      .describe('What `services` and `groups` come to.'),
    allowed_ips: z.array(z.string()),
    denied_ips: z.array(z.string()),
    allowed_origins: z.array(z.string()),
    allowed_referrers: z.array(z.string()),
    allowed_user_agents: z.array(z.string()),
    blocked_countries: z.array(z.string()),
    require_https: z.boolean(),
    require_signature: z.boolean(),
    max_daily_requests: dailyLimit,
    rate_limit: rateLimitMembers.nullable(),
    expires_at: shownTime.nullable(),
    enabled: z.boolean(),
    status: z.enum(['active', 'disabled', 'expired']),
    disabled_reason: z.string().nullable(),
    auto_enable_at: shownTime.nullable(),
    token_prefix: z.string(),
    last_used_at: shownTime.nullable(),
    usage_today: count,
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'App' });
export type AppView = View<typeof appView>;

/** What turns `require_signature` on carries it. */
const signing_secret = z
  .string()
  .describe('Shown this once, where signatures begin to be wanted.')
  .optional();

export const madeAppView = appView
  .extend({ app_token: z.string().describe('Shown this once.'), signing_secret })
  .meta({ id: 'MadeApp' });
export const changedAppView = appView.extend({ signing_secret }).meta({ id: 'ChangedApp' });
export const appList = listOf(appView, 'AppList');

export const appTokenView = z
  .object({ app_token: z.string().describe('Shown this once.'), previous_valid_until: shownTime })
  .meta({ id: 'NewAppToken' });

export const signingSecretView = z
  .object({ signing_secret: z.string().describe('Shown this once.'), previous_valid_until: shownTime })
  .meta({ id: 'NewSigningSecret' });
