import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { histogram, histograms } from '../../../src/service/metrics/histogram.ts';
import { parseMetrics, sampleOf } from '../../support/scrape.ts';

it('counts an observation in each bucket that it does not exceed, as Prometheus wants', async () => {
  const registry = new Registry();
  const seconds = histogram(registry, { name: 'a_seconds', help: 'A.', bounds: [0.1, 1] });
  for (const value of [0, 0.1, 0.1000001, 1, 5, 5]) seconds.observe(value);
  const families = parseMetrics(await registry.metrics());
  expect(families.map(({ name, type, help }) => [name, type, help])).toEqual([
    ['a_seconds', 'histogram', 'A.'],
  ]);
  const bucket = (le: string) => sampleOf(families, 'a_seconds_bucket', { le });
  expect([bucket('0.1'), bucket('1'), bucket('+Inf')]).toEqual([2, 4, 6]);
  expect(sampleOf(families, 'a_seconds_count')).toBe(6);
  expect(sampleOf(families, 'a_seconds_sum')).toBeCloseTo(11.2000001);
});

it('has all names of its label from the start', async () => {
  const registry = new Registry();
  const seconds = histograms(registry, {
    name: 's',
    help: 'S.',
    bounds: [1],
    label: 'kind',
    names: ['a', 'b'],
  });
  seconds.b.observe(3);
  const families = parseMetrics(await registry.metrics());
  expect(['a', 'b'].map((kind) => sampleOf(families, 's_count', { kind }))).toEqual([0, 1]);
});
