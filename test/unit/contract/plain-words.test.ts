import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { appPatch, disableApp, newApp } from '../../../src/contract/apps.ts';
import { keyPatch, newKey } from '../../../src/contract/keys.ts';
import { plainWords } from '../../../src/contract/plain-words.ts';
import { auditQuery, deliveriesQuery, usageQuery } from '../../../src/contract/queries.ts';
import { newService, rotateServiceBody, servicePatch } from '../../../src/contract/services.ts';
import { newTenant, tenantPatch } from '../../../src/contract/tenants.ts';
import { newWebhook, webhookPatch } from '../../../src/contract/webhooks.ts';

function mistakesOf(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value, { error: plainWords });
  return error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
}

describe('what is wrong with a member is said in plain words', () => {
  it.each([
    [newKey, {}, ['label is required', 'key is required']],
    [newWebhook, { url: 7 }, ['url must be text', 'events is required']],
    [newService, { slug: 's', max_age_seconds: 1.5 }, ['max_age_seconds must be a whole number']],
    [newService, { slug: 's', rotate_every_minutes: 0 }, ['rotate_every_minutes must be at least 1']],
    [newService, { slug: 's', policy: 'x' }, ['policy must be manual or time or usage or failover']],
    [newApp, { name: 'a', enabled: 'yes' }, ['enabled must be true or false']],
    [newTenant, { slug: 't', allowed_ips: '10.0.0.1' }, ['allowed_ips must be a list']],
    [newKey, { label: 'a', key: 'k', weight: 1001 }, ['weight must be at most 1000']],
    [
      newApp,
      { name: 'a', tags: { '': 'x' } },
      ['tags. has a name that cannot be used: it must not be empty'],
    ],
    [newApp, null, [' must be an object']],
    [disableApp, {}, ['reason is required']],
    [auditQuery, { type: ['a', 'b'] }, ['type must be one text and no list']],
  ])('%#', (schema, value, expected) => {
    expect(mistakesOf(schema, value)).toEqual(expected);
  });

  it('wherever it is, and nothing of it is repeated', () => {
    const bodies = [
      [newTenant, tenantPatch, newService, servicePatch, rotateServiceBody],
      [newKey, keyPatch, newApp, appPatch, disableApp, newWebhook, webhookPatch],
      [deliveriesQuery, usageQuery, auditQuery],
    ].flat();
    const wrong = [undefined, null, 'canary'.repeat(2000), -1, 1.5, 1e12, true, ['canary'], { canary: '' }];
    for (const schema of bodies) {
      for (const value of wrong) {
        const members = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, value]));
        for (const mistake of mistakesOf(schema, members)) {
          expect(mistake).not.toMatch(/Invalid|expected|received|Too|NaN/);
          expect(mistake.replace(/^\S* /, '')).not.toContain('canary');
        }
      }
    }
  });
});
