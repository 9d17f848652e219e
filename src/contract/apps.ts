import { z } from 'zod';
import { dailyLimit, disableBody, graceBody, ipList, label, slug, tags, text, time } from './common.ts';

const members = {
  name: label,
  description: text,
  environment: text.max(100, 'must be at most 100 characters'),
  tags,
  services: z.union(
    [z.literal('all'), z.array(slug).max(10_000)],
    'must be "all" or a list of service slugs',
  ),
  allowed_ips: ipList,
  denied_ips: ipList,
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
  allowed_ips: members.allowed_ips.default([]),
  denied_ips: members.denied_ips.default([]),
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
  readonly allowed_ips: readonly string[];
  readonly denied_ips: readonly string[];
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
