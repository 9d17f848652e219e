import { z } from 'zod';
import { EVENT_TYPES } from '../domain/event-type.ts';
import { text } from './common.ts';

const members = {
  url: z.string().min(1).max(2048, 'must be at most 2048 characters'),
  events: z
    .array(z.enum(['*', ...EVENT_TYPES], `must be "*" or one of ${EVENT_TYPES.join(', ')}`))
    .min(1, 'must name at least one event')
    .refine((events) => new Set(events).size === events.length, 'must name each event once'),
  description: text,
  enabled: z.boolean(),
};

export const newWebhook = z.strictObject({
  url: members.url,
  events: members.events,
  description: members.description.default(''),
  enabled: members.enabled.default(true),
});
export type NewWebhook = z.output<typeof newWebhook>;

export const webhookPatch = z.strictObject(members).partial();
export type WebhookPatch = z.output<typeof webhookPatch>;

export interface WebhookView {
  readonly id: number;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  readonly disabled_reason: string | null;
  readonly failing_since: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}
