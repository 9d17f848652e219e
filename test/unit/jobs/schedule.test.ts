import { expect, it, onTestFinished, vi } from 'vitest';
import { startJobs } from '../../../src/jobs/schedule.ts';

it('a job that is to run at the start does so, and no other one', async () => {
  const ran = Promise.withResolvers<string>();
  const job = (name: string) => ({ name, schedule: '0 0 0 29 2 *', runOnce: async () => ran.resolve(name) });
  const jobs = [job('later'), { ...job('now'), atStart: true as const }];
  const schedule = startJobs(jobs, { ran() {}, failed: (_, error) => ran.reject(error), late() {} });
  expect(await ran.promise).toBe('now');
  await schedule.stop();
});

it('a job that was woken late is told of, and nothing is written past the log', async () => {
  const written = ['log', 'info', 'warn', 'error', 'debug'] as const;
  const consoles = written.map((name) => vi.spyOn(console, name));
  const late = Promise.withResolvers<string>();
  const schedule = startJobs([{ name: 'busy', schedule: '* * * * * *', runOnce: async () => {} }], {
    ran() {},
    failed: (_, error) => late.reject(error),
    late: late.resolve,
  });
  onTestFinished(() => schedule.stop());
  // The event loop stands still for longer than the period.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_500);
  expect(await late.promise).toBe('busy');
  for (const console of consoles) expect(console).not.toHaveBeenCalled();
});
