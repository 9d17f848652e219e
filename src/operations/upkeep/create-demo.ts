/** The tenant `demo`: what somebody tries first. Its keys are made up, its answers masked and throttled. */
import { randomBytes } from 'node:crypto';
import { SYSTEM_ORIGIN } from '../../audit/entry.ts';
import { newKey } from '../../contract/keys.ts';
import { newService } from '../../contract/services.ts';
import { newTenant } from '../../contract/tenants.ts';
import { createKey } from '../keys/keys.ts';
import { createService } from '../services/services.ts';
import { createTenant } from '../tenants/tenants.ts';
import type { Vault } from '../vault/vault.ts';

const SERVICES = [
  { slug: 'openai', name: 'OpenAI', policy: 'manual', max_daily_requests: 10_000 },
  {
    slug: 'openai-time',
    name: 'OpenAI, by time',
    policy: 'time',
    rotate_every_minutes: 60,
    on_expiry: 'cycle',
  },
  { slug: 'openai-usage', name: 'OpenAI, by usage', policy: 'usage' },
];
const LABELS = ['Primary', 'Secondary', 'Tertiary'];

/** Makes it and returns its client token. */
export async function createDemo(vault: Vault): Promise<string> {
  const tenant = newTenant.parse({ slug: 'demo', name: 'Demo', demo: true });
  const { client_token } = await createTenant(vault, SYSTEM_ORIGIN, tenant);
  for (const service of SERVICES) {
    await createService(vault, SYSTEM_ORIGIN, 'demo', newService.parse(service));
    for (const label of LABELS) {
      const key = newKey.parse({ label, key: `sk-demo-${randomBytes(24).toString('base64url')}` });
      await createKey(vault, SYSTEM_ORIGIN, { tenant: 'demo', service: service.slug }, key);
    }
  }
  return client_token;
}
