import { z } from 'zod';
import { count, fixed, label, listOf, shownId, shownTime, slug, type View } from './common.ts';

const members = {
  name: label,
  services: z.array(slug).max(10_000).describe('Their slugs.'),
};

export const newGroup = z
  .strictObject({
    slug,
    name: members.name.optional(),
    services: members.services.default([]),
  })
  .meta({ id: 'NewGroup' });
export type NewGroup = z.output<typeof newGroup>;

export const groupPatch = z
  .strictObject({ ...members, slug: fixed() })
  .partial()
  .meta({ id: 'GroupPatch' });
export type GroupPatch = z.output<typeof groupPatch>;

export const groupView = z
  .object({
    id: shownId,
    slug,
    name: z.string(),
    services: z.array(z.string()),
    apps: count.describe('How many apps are in it.'),
    created_at: shownTime,
    updated_at: shownTime,
  })
  .meta({ id: 'Group' });
export type GroupView = View<typeof groupView>;
export const groupList = listOf(groupView, 'GroupList');
