import { z } from 'zod';
import { isTimeOfDay, isTimezone } from '../domain/limit-day.ts';
import { POLICIES, type Policy } from '../domain/policy.ts';
import { dailyLimit, fixed, graceBody, label, reason, slug } from './common.ts';

const members = {
  name: label,
  policy: z.enum(POLICIES),
  /** Of the policy `time` alone, which needs it; operations/services.ts holds it against the policy. */
  rotate_every_minutes: z.int().min(1).max(525_600, 'must be at most 525600 (a year)').nullable(),
  on_expiry: z.enum(['retire', 'cycle']),
  timezone: z
    .string()
    .max(64)
    .refine(isTimezone, 'must be a time zone of the IANA database, such as Europe/Berlin'),
  day_resets_at: z.string().refine(isTimeOfDay, 'must be a time of day HH:MM, 00:00 to 23:59'),
  max_daily_requests: dailyLimit,
  max_age_seconds: z.int().min(0).max(86_400, 'must be at most 86400 (a day)'),
  enabled: z.boolean(),
};

export const newService = z.strictObject({
  slug,
  name: members.name.optional(),
  policy: members.policy.default('manual'),
  rotate_every_minutes: members.rotate_every_minutes.default(null),
  on_expiry: members.on_expiry.default('retire'),
  timezone: members.timezone.default('UTC'),
  day_resets_at: members.day_resets_at.default('00:00'),
  max_daily_requests: members.max_daily_requests.default(null),
  max_age_seconds: members.max_age_seconds.default(0),
  enabled: members.enabled.default(true),
});
export type NewService = z.output<typeof newService>;

export const servicePatch = z.strictObject({ ...members, slug: fixed() }).partial();
export type ServicePatch = z.output<typeof servicePatch>;

export const rotateServiceBody = z.strictObject({
  to_key_id: z.int().optional(),
  retire_old: z.boolean().default(false),
  grace_seconds: graceBody.shape.grace_seconds,
  reason: reason.optional(),
});
export type RotateService = z.output<typeof rotateServiceBody>;

/** What PATCH can change and what follows from it; nothing that a delivery moves but the current key. */
export interface ServiceSettingsView {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly policy: Policy;
  readonly rotate_every_minutes: number | null;
  readonly on_expiry: 'retire' | 'cycle';
  readonly timezone: string;
  readonly day_resets_at: string;
  readonly max_daily_requests: number | null;
  readonly max_age_seconds: number;
  readonly enabled: boolean;
  readonly current_key_id: number | null;
}

export interface ServiceView extends ServiceSettingsView {
  /** Deliveries in the limit day that is running. */
  readonly usage_today: number;
  /** How many keys it has, in whatever state. */
  readonly keys: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `from_key_id` is null where no key was current. */
export interface RotationView {
  readonly from_key_id: number | null;
  readonly to_key_id: number;
}
