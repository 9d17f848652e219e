import { z } from 'zod';
import { isTimeOfDay, isTimezone } from '../domain/limit-day.ts';
import { POLICIES } from '../domain/policy.ts';
import { LONGEST_SCHEDULE, scheduleMistake } from '../domain/rotation-schedule.ts';
import {
  count,
  dailyLimit,
  fixed,
  graceBody,
  label,
  listOf,
  reason,
  shownId,
  shownTime,
  slug,
  type View,
} from './common.ts';

const members = {
  name: label,
  policy: z.enum(POLICIES),
  /** These two are of the policy `time` alone, which needs one of them; operations/services/services.ts holds them against the policy. */
  rotate_every_minutes: z
    .int()
    .min(1)
    .max(525_600, 'must be at most 525600 (a year)')
    .nullable()
    .describe(
      'How long a turn lasts. Of the policy `time` alone, which needs this or a `rotation_schedule`.',
    ),
  on_expiry: z
    .enum(['retire', 'cycle'])
    .describe(
      'What becomes of a key whose turn under `time` is over: `retire` ends it, `cycle` keeps it for another turn.',
    ),
  rotation_schedule: z
    .string()
    .max(LONGEST_SCHEDULE)
    .superRefine((expression, context) => {
      // What is too long has been told of, and is not looked at.
      const message = expression.length > LONGEST_SCHEDULE ? null : scheduleMistake(expression);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .nullable()
    .describe(
      'When turns end: a cron expression of five fields, read in the `timezone`. Of the policy `time` alone; with `rotate_every_minutes` beside it, a turn ends by whichever comes first.',
    ),
  timezone: z
    .string()
    .max(64)
    .refine(isTimezone, 'must be a time zone of the IANA database, such as Europe/Berlin')
    .describe('Of the limit day and of the `rotation_schedule`.'),
  day_resets_at: z
    .string()
    .refine(isTimeOfDay, 'must be a time of day HH:MM, 00:00 to 23:59')
    .describe('When the limit day begins. A change takes effect at the next reset.')
    .meta({ pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$' }),
  max_daily_requests: dailyLimit,
  warn_at_percent: z
    .int()
    .min(1)
    .max(100)
    .nullable()
    .describe('At how many per cent of the daily limit `service.limit_warning` comes; null is never.'),
  max_age_seconds: z
    .int()
    .min(0)
    .max(86_400, 'must be at most 86400 (a day)')
    .describe('How long a client may use a key before it asks again.'),
  enabled: z.boolean(),
};

export const newService = z
  .strictObject({
    slug,
    name: members.name.optional(),
    policy: members.policy.default('manual'),
    rotate_every_minutes: members.rotate_every_minutes.default(null),
    on_expiry: members.on_expiry.default('retire'),
    rotation_schedule: members.rotation_schedule.default(null),
    timezone: members.timezone.default('UTC'),
    day_resets_at: members.day_resets_at.default('00:00'),
    max_daily_requests: members.max_daily_requests.default(null),
    warn_at_percent: members.warn_at_percent.default(80),
    max_age_seconds: members.max_age_seconds.default(0),
    enabled: members.enabled.default(true),
  })
  .meta({ id: 'NewService' });
export type NewService = z.output<typeof newService>;

export const servicePatch = z
  .strictObject({ ...members, slug: fixed() })
  .partial()
  .meta({ id: 'ServicePatch' });
export type ServicePatch = z.output<typeof servicePatch>;

export const rotateServiceBody = z
  .strictObject({
    to_key_id: z.int().optional().describe('Default: the next key by `position`, round and round.'),
    retire_old: z
      .boolean()
      .default(false)
      .describe('The old key is `retiring` for the grace and `retired` after it; else it stands by.'),
    grace_seconds: graceBody.shape.grace_seconds.describe(
      'How long the old key is `retiring`: with `retire_old` alone, else it is refused.',
    ),
    reason: reason.optional(),
  })
  .refine(({ retire_old, grace_seconds }) => retire_old || grace_seconds === 0, {
    path: ['grace_seconds'],
    message: 'belongs to retire_old: send "retire_old": true as well, or no grace',
  })
  .meta({ id: 'Rotate' });
export type RotateService = z.output<typeof rotateServiceBody>;

/** What PATCH can change and what follows from it; nothing that a delivery moves but the current key. */
const serviceSettings = z.object({
  id: shownId,
  slug,
  name: z.string(),
  policy: members.policy,
  rotate_every_minutes: members.rotate_every_minutes,
  on_expiry: members.on_expiry,
  rotation_schedule: z.string().nullable(),
  timezone: z.string(),
  day_resets_at: z.string(),
  max_daily_requests: dailyLimit,
  warn_at_percent: members.warn_at_percent,
  max_age_seconds: members.max_age_seconds,
  enabled: z.boolean(),
  current_key_id: shownId.nullable(),
});
export type ServiceSettingsView = View<typeof serviceSettings>;

export const serviceView = serviceSettings
  .extend({
    usage_today: count.describe('Deliveries in the limit day that is running.'),
    keys: count.describe('How many keys it has, in whatever state.'),
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'Service' });
export type ServiceView = View<typeof serviceView>;
export const serviceList = listOf(serviceView, 'ServiceList');

export const rotationView = z
  .object({
    from_key_id: shownId.nullable().describe('Null where no key was current.'),
    to_key_id: shownId,
  })
  .meta({ id: 'Rotation' });
export type RotationView = View<typeof rotationView>;
