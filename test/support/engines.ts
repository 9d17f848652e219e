/** The engines that the conformance suite runs on. */
import { openPostgresRoom } from './postgres-room.ts';
import { openRoom, type Room, type RoomOptions } from './storage-room.ts';

export interface TestedEngine {
  readonly name: string;
  /** The code of an error that a rule of the schema has made: a repeated primary key, a missing parent. */
  readonly codes: { readonly repeated: string; readonly orphan: string };
  open(options?: Pick<RoomOptions, 'at' | 'commitTimeoutMs'>): Promise<Room>;
}

export const ENGINES: readonly TestedEngine[] = [
  {
    name: 'sqlite',
    codes: { repeated: 'SQLITE_CONSTRAINT_PRIMARYKEY', orphan: 'SQLITE_CONSTRAINT_FOREIGNKEY' },
    open: openRoom,
  },
  { name: 'postgres', codes: { repeated: '23505', orphan: '23503' }, open: openPostgresRoom },
];
