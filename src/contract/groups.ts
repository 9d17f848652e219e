import { z } from 'zod';
import { fixed, label, slug } from './common.ts';

const members = {
  name: label,
  services: z.array(slug).max(10_000),
};

export const newGroup = z.strictObject({
  slug,
  name: members.name.optional(),
  services: members.services.default([]),
});
export type NewGroup = z.output<typeof newGroup>;

export const groupPatch = z.strictObject({ ...members, slug: fixed() }).partial();
export type GroupPatch = z.output<typeof groupPatch>;

export interface GroupView {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly services: readonly string[];
  /** How many apps are in it. */
  readonly apps: number;
  readonly created_at: string;
  readonly updated_at: string;
}
