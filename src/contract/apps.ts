import { z } from 'zod';
import { isUserAgentRule, parseOriginRule, parseReferrerRule } from '../domain/client-rules.ts';
import { dailyLimit, disableBody, graceBody, ipList, label, slug, tags, text, time } from './common.ts';

/** Patterns, each of which `isRule`; `why` says what one is. */
const rules = (isRule: (text: string) => boolean, why: string) =>
  z.array(z.string().max(2000).refine(isRule, why)).max(100, 'must be at most 100 entries');

const members = {
  name: label,
  description: text,
  environment: text.max(100, 'must be at most 100 characters'),
  tags,
  services: z.union(
    [z.literal('all'), z.array(slug).max(10_000)],
    'must be "all" or a list of service slugs',
  ),
  groups: z.array(slug).max(100, 'must be at most 100 groups'),
  allowed_ips: ipList,
  denied_ips: ipList,
  allowed_origins: rules(
    (text) => parseOriginRule(text) !== null,
    'must be scheme://host[:port] of http or https, where the leftmost label of the host may be *',
  ),
  allowed_referrers: rules(
    (text) => parseReferrerRule(text) !== null,
    'must be a URL of http or https without a fragment, whose path may end in *',
  ),
  allowed_user_agents: rules(isUserAgentRule, 'must be 1 to 500 characters without control characters'),
  require_https: z.boolean(),
  max_daily_requests: dailyLimit,
  expires_at: time.nullable(),
  enabled: z.boolean(),
};

export const newApp = z.strictObject({
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
  require_https: members.require_https.default(false),
  max_daily_requests: members.max_daily_requests.default(null),
  expires_at: members.expires_at.default(null),
  enabled: members.enabled.default(true),
});
export type NewApp = z.output<typeof newApp>;

export const appPatch = z.strictObject(members).partial();
export type AppPatch = z.output<typeof appPatch>;

export const rotateAppToken = graceBody;
export const disableApp = disableBody;

export interface AppView {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly environment: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly services: readonly string[] | 'all';
  readonly groups: readonly string[];
  /** What `services` and `groups` come to. */
  readonly reach: 'all' | readonly { service: string; direct: boolean; groups: readonly string[] }[];
  readonly allowed_ips: readonly string[];
  readonly denied_ips: readonly string[];
  readonly allowed_origins: readonly string[];
  readonly allowed_referrers: readonly string[];
  readonly allowed_user_agents: readonly string[];
  readonly require_https: boolean;
  readonly max_daily_requests: number | null;
  readonly expires_at: string | null;
  readonly enabled: boolean;
  readonly status: 'active' | 'disabled' | 'expired';
  readonly disabled_reason: string | null;
  readonly auto_enable_at: string | null;
  readonly token_prefix: string;
  readonly last_used_at: string | null;
  readonly usage_today: number;
  readonly created_at: string;
  readonly updated_at: string;
}
