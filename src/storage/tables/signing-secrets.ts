import type { Insertable } from 'kysely';
import type { SigningSecretsTable, Transaction } from '../rows.ts';

export async function insertSigningSecret(
  unit: Transaction,
  row: Insertable<SigningSecretsTable>,
): Promise<void> {
  await unit.insertInto('signing_secrets').values(row).execute();
}

/** Ends the secrets of an app at `until`; those that end sooner keep their end. */
export async function endSigningSecrets(unit: Transaction, appId: number, until: number): Promise<void> {
  await unit
    .updateTable('signing_secrets')
    .set({ valid_until: until })
    .where('app_id', '=', appId)
    .where((where) => where.or([where('valid_until', 'is', null), where('valid_until', '>', until)]))
    .execute();
}

/** Removes those of an app that have ended by `now`, and of the others all but the newest `most`. */
export async function removeEndedSigningSecrets(
  unit: Transaction,
  appId: number,
  now: number,
  most: number,
): Promise<void> {
  const rows = await unit
    .selectFrom('signing_secrets')
    .select(['id', 'valid_until'])
    .where('app_id', '=', appId)
    .orderBy('id', 'desc')
    .execute();
  const valid = rows.filter(({ valid_until }) => valid_until === null || valid_until > now).slice(0, most);
  const ended = rows.filter((row) => !valid.includes(row)).map(({ id }) => id);
  if (ended.length > 0) await unit.deleteFrom('signing_secrets').where('id', 'in', ended).execute();
}

export async function removeSigningSecrets(unit: Transaction, appId: number): Promise<void> {
  await unit.deleteFrom('signing_secrets').where('app_id', '=', appId).execute();
}
