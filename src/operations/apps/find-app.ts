import { notFound } from '../../domain/problem.ts';
import type { Reader } from '../../storage/rows.ts';
import * as table from '../../storage/tables/apps.ts';

/** The app, or the Problem that is the same for a missing one and another's. */
export async function requireApp(db: Reader, tenantId: number, id: number | null): Promise<table.AppDetails> {
  const row = id === null ? undefined : await table.findApp(db, tenantId, id);
  if (row === undefined) throw notFound();
  return row;
}
