import type { Transaction } from '../rows.ts';

/** `app_id` null: a client token of the tenant. `hint` is what may be shown of the token later. */
export interface NewTokenRow {
  readonly tenant_id: number;
  readonly app_id: number | null;
  readonly digest: Uint8Array;
  readonly hint: string;
  readonly created_at: number;
}

export async function insertToken(unit: Transaction, row: NewTokenRow): Promise<void> {
  await unit
    .insertInto('tokens')
    .values({ ...row, valid_until: null })
    .execute();
}

/** Ends the tokens of a tenant (`appId` null) or of an app at `until`; those that end sooner keep their end. */
export async function endTokens(
  unit: Transaction,
  tenantId: number,
  appId: number | null,
  until: number,
): Promise<void> {
  await unit
    .updateTable('tokens')
    .set({ valid_until: until })
    .where('tenant_id', '=', tenantId)
    .where('app_id', appId === null ? 'is' : '=', appId)
    .where((where) => where.or([where('valid_until', 'is', null), where('valid_until', '>', until)]))
    .execute();
}
