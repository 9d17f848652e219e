import { expect, it } from 'vitest';
import { UnitLine } from '../../../src/storage/postgres/unit-line.ts';

it('units run one by one in their order, also after one that failed', async () => {
  const line = new UnitLine(10_000);
  const steps: string[] = [];
  const unit = (name: string) => async () => {
    steps.push(`${name} begins`);
    await null;
    steps.push(`${name} ends`);
    if (name === 'one') throw new Error(name);
    return name;
  };
  const outcomes = await Promise.allSettled(['one', 'two', 'three'].map((name) => line.wait(unit(name))));
  expect(outcomes.map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([
    'failed',
    'two',
    'three',
  ]);
  expect(steps).toEqual(['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

it('a unit is refused as soon as it has waited too long, while the one before it goes on, and is never run', async () => {
  const line = new UnitLine(20);
  const over = Promise.withResolvers<string>();
  const long = line.wait(() => over.promise);
  let ran = false;
  const late = line.wait(async () => {
    ran = true;
  });
  await expect(late).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: 'storage was busy with what was asked before for 20 ms',
  });
  over.resolve('done');
  expect(await long).toBe('done');
  await line.over();
  expect(ran).toBe(false);
  expect(await line.wait(async () => 'next')).toBe('next');
});
