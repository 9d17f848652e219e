/** Who was handed a key. */
import { z } from 'zod';
import { listOf, shownId, shownTime, type View } from './common.ts';

export const holderView = z.object({
  app_id: shownId.nullable().describe('Null for the client token.'),
  ip: z.string(),
  first_at: shownTime,
  last_at: shownTime.describe('To the minute.'),
});
export type HolderView = View<typeof holderView>;

const holderSinceView = holderView
  .extend({
    newer_key_id: shownId
      .nullable()
      .describe('The newest other key of the service that it was given since; null where it was given none.'),
    newer_at: shownTime.nullable().describe('When that was last, to the minute.'),
  })
  .meta({ id: 'Holder' });

export const holdersView = listOf(holderSinceView, 'HolderList')
  .extend({
    drained: z
      .boolean()
      .describe(
        'Nobody is left: since the key began to retire, or was burned, each of them was given another one.',
      ),
    drained_at: shownTime.nullable().describe('When that was noticed.'),
  })
  .meta({ id: 'HolderList' });
export type HoldersView = View<typeof holdersView>;
