/** A service most of whose keys do not decrypt, as after damage, costs the others nothing and comes back by itself. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';

let acme: Acme;

beforeEach(async () => {
  acme = await startAcme();
});
afterEach(() => acme.vault.stop());

it.each(['usage', 'failover', 'manual'] as const)(
  'under %s a delivery gives up after a hundred of them, which are flagged, and soon one finds the key that is left',
  async (policy) => {
    await acme.service({ slug: 's', policy });
    const keys = Array.from({ length: 251 }, (_, at) => `key ${at},sk-${at}-0123456789abcdefghij`);
    const { vault } = acme;
    const imported = await vault.request(`/admin/v1${ACME}/services/s/keys/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${vault.rootToken}`, 'content-type': 'text/csv' },
      body: `label,key\n${keys.join('\n')}`,
    });
    expect(imported.body.added).toBe(251);
    const ids = imported.body.rows.map(({ id }: { id: number }) => id);
    const tenant = await vault.engine.read
      .selectFrom('tenants')
      .select('id')
      .where('slug', '=', 'acme')
      .executeTakeFirstOrThrow();
    await vault.engine.write({ tenantId: tenant.id }, async (unit) => {
      await unit
        .updateTable('provider_keys')
        .set({ sealed_key: Buffer.alloc(64) })
        .where('id', '!=', ids[250])
        .execute();
      await unit
        .updateTable('services')
        .set((row) => ({ version: row('version', '+', 1) }))
        .execute();
    });
    const said = [];
    for (let at = 0; at < 4; at++) said.push(await acme.deliver('s'));
    expect(said).toEqual(['key decrypt failed', 'key decrypt failed', 'key 250', 'key 250']);
    const flagged = await vault.engine.read
      .selectFrom('provider_keys')
      .select('id')
      .where('decrypt_failed_at', 'is not', null)
      .execute();
    expect(flagged).toHaveLength(250);
  },
);
