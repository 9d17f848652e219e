import { expect, it } from 'vitest';
import { jobsOf } from '../../../src/jobs/jobs.ts';
import { startAcme } from '../../support/acme.ts';
import { Reporter } from '../../support/reporter.ts';

it('what was kept long enough is removed at the start, too', async () => {
  const acme = await startAcme();
  expect(jobsOf(acme.vault.jobs).filter(({ atStart }) => atStart)).toMatchObject([{ name: 'prune' }]);
  await acme.vault.stop();
});

it('what was disabled for a time is looked for every second', async () => {
  const acme = await startAcme();
  const job = jobsOf(acme.vault.jobs).find(({ name }) => name === 'enable-due');
  expect(job?.schedule).toBe('* * * * * *');

  const { body } = await acme.vault.admin('POST', '/tenants/acme/apps', { name: 'Checkout' });
  const app = `/tenants/acme/apps/${body.id}`;
  await acme.vault.admin('POST', `${app}/disable`, { reason: 'x', auto_enable_after_seconds: 1 });
  acme.vault.advance(1000);
  await job?.runOnce(new AbortController().signal);
  expect((await acme.vault.admin('GET', app)).body.status).toBe('active');
  await acme.vault.stop();
});

it('what has cooled is told of every second', async () => {
  const { vault, service, key, token } = await startAcme();
  const job = jobsOf(vault.jobs).find(({ name }) => name === 'recover-keys');
  expect(job?.schedule).toBe('* * * * * *');
  await service({ slug: 'openai' });
  const { id } = await key('openai', 'one');
  await new Reporter(vault, token).fetchAndReport('openai', 'rate_limited', { retry_after_seconds: 5 });
  vault.advance(5_000);
  await job?.runOnce(new AbortController().signal);
  const { data } = (await vault.admin('GET', '/tenants/acme/audit?type=key.recovered')).body;
  expect(data).toMatchObject([{ target: `service:openai/key:${id}` }]);
  await vault.stop();
});
