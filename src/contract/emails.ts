import { z } from 'zod';
import { isEmailAddress } from '../domain/email-address.ts';
import { EVENT_TYPES } from '../domain/event-type.ts';
import { listOf, shownId, shownTime, text, type View } from './common.ts';

/** Nobody could read a mail for each delivery, and a test is for a webhook. */
export const MAILED_EVENTS = EVENT_TYPES.filter(
  (type) => type !== 'key.delivered' && type !== 'webhook.test',
);

const members = {
  address: z
    .string()
    .refine(isEmailAddress, 'must be the address of one person or list, such as oncall@example.com')
    .meta({ format: 'email', maxLength: 254 }),
  events: z
    .array(z.enum(['*', ...MAILED_EVENTS], `must be "*" or one of ${MAILED_EVENTS.join(', ')}`))
    .min(1, 'must name at least one event')
    .refine((events) => new Set(events).size === events.length, 'must name each event once')
    .meta({ description: '`*` is all of them.', uniqueItems: true }),
  description: text,
  enabled: z.boolean(),
};

export const newEmail = z
  .strictObject({
    address: members.address,
    events: members.events,
    description: members.description.default(''),
    enabled: members.enabled.default(true),
  })
  .meta({ id: 'NewEmail' });
export type NewEmail = z.output<typeof newEmail>;

export const emailPatch = z.strictObject(members).partial().meta({ id: 'EmailPatch' });
export type EmailPatch = z.output<typeof emailPatch>;

export const emailView = z
  .object({
    id: shownId,
    address: z.string(),
    events: z.array(z.string()),
    description: z.string(),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable(),
    failing_since: shownTime.nullable(),
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'Email' });
export type EmailView = View<typeof emailView>;
export const emailList = listOf(emailView, 'EmailList');
