/** docs/metrics.md has every metric that there is, as it is, and none that is gone. */
import { describe, expect, it } from 'vitest';
import { ERROR_CLASSES } from '../../src/storage/error-class.ts';
import { inBackticks, readDocument, section, tableRows } from '../support/markdown.ts';
import { type Family, parseMetrics } from '../support/scrape.ts';
import { startVault } from '../support/start-vault.ts';

const PAGE = readDocument('docs/metrics.md');

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly answer: string;
}

const listed: Listed[] = tableRows(PAGE)
  .filter((cells) => cells.length === 4)
  .map(([name = '', type = '', labels = '', answer = '']) => {
    return { name: inBackticks(name)[0] ?? '', type, labels: inBackticks(labels).sort(), answer };
  });

async function scraped(): Promise<Family[]> {
  const vault = await startVault();
  const { text } = await vault.request('/metrics');
  await vault.stop();
  return parseMetrics(text);
}

/** Without the label of buckets, which every histogram has. */
function labelsOf({ samples }: Family): string[] {
  return [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((name) => name !== 'le');
}

describe('docs/metrics.md', () => {
  it('lists what /metrics has, each with its type, and nothing else', async () => {
    const real = (await scraped()).map(({ name, type }) => `${name} ${type}`);
    expect(real.length).toBeGreaterThan(50);
    const here = listed.filter(
      ({ answer }) => process.platform === 'linux' || !answer.includes('Linux only'),
    );
    expect(here.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(real.sort());
  });

  it('lists the labels that the series have', async () => {
    for (const family of await scraped()) {
      if (family.samples.length === 0) continue;
      const { labels } = listed.find(({ name }) => name === family.name) as Listed;
      expect(labelsOf(family).sort(), family.name).toEqual(labels);
    }
  });

  it('says of each what it answers', () => {
    for (const { name, answer } of listed) expect(answer.length, name).toBeGreaterThan(3);
  });

  it('explains every class of error', () => {
    const classes = tableRows(section(PAGE, 'Is storage well')).filter((cells) => cells.length === 2);
    expect(classes.map(([name = '']) => inBackticks(name)[0])).toEqual(ERROR_CLASSES);
  });
});
