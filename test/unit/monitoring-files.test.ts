/** The dashboard and the alerts in packaging ask only for what /metrics has. */
import { describe, expect, it, test } from 'vitest';
import { createMetrics } from '../../src/service/metrics/metrics.ts';
import { between, inBackticks, readDocument, tableRows } from '../support/markdown.ts';
import { namedIn, type Selector } from '../support/promql.ts';
import { type Family, parseMetrics } from '../support/scrape.ts';
import { startVault } from '../support/start-vault.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly severity: string;
  readonly summary: string;
  readonly action: string;
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const RULES = readRules(readDocument('packaging/prometheus/alerts.yaml'));
const DASHBOARD = JSON.parse(readDocument('packaging/grafana/keyrotator.json'));
const PANELS: readonly Panel[] = DASHBOARD.panels;
/** What Prometheus adds to every series. */
const ADDED = ['job', 'instance'];

/** The form that the file is kept in: every member on a line of its own, texts in double quotes. */
function readRules(yaml: string): Rule[] {
  return yaml
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((text) => {
      const member = (name: string) => new RegExp(`^ +${name}: (.+)$`, 'm').exec(text)?.[1] ?? '';
      const quoted = (name: string) => /^"(.*)"$/.exec(member(name))?.[1] ?? '';
      return {
        alert: text.split('\n')[0] ?? '',
        expr: member('expr'),
        severity: member('severity'),
        summary: quoted('summary'),
        action: quoted('action'),
      };
    });
}

/** Every metric with its labels: those of the series that there are, and those that it was declared with. */
async function metrics(): Promise<{ families: Family[]; labels: Map<string, Set<string>> }> {
  const vault = await startVault();
  const { text } = await vault.request('/metrics');
  await vault.stop();
  const families = parseMetrics(text);
  const declared = createMetrics({ version: '0', engine: 'sqlite', monotonic: () => 0 });
  const labels = new Map(
    declared.registry
      .getMetricsAsArray()
      .map((metric) => metric as unknown as { name: string; labelNames: string[] })
      .map(({ name, labelNames }) => [name, new Set(labelNames)]),
  );
  expect([...labels.keys()].sort()).toEqual(families.map(({ name }) => name).sort());
  return { families, labels };
}

const known = await metrics();

/** What is wrong with an expression. */
function mistakesIn(expr: string): string[] {
  const { selectors, groupedBy } = namedIn(expr);
  const available = new Set(ADDED);
  const mistakes: string[] = selectors.length === 0 ? ['it asks for no metric'] : [];
  for (const selector of selectors) mistakes.push(...mistakesOf(selector, available));
  for (const label of groupedBy) if (!available.has(label)) mistakes.push(`nothing has the label ${label}`);
  return mistakes;
}

function mistakesOf({ metric, matchers }: Selector, available: Set<string>): string[] {
  const base = metric.replace(/_(?:bucket|sum|count)$/, '');
  const family = known.families.find(
    ({ name, type }) => name === metric || (type === 'histogram' && name === base),
  );
  const isUp = metric === 'up';
  if (family === undefined && !isUp) return [`there is no metric ${metric}`];
  if (family?.type === 'histogram' && metric === base) return [`${metric} is a histogram`];
  const labels = new Set(ADDED.concat([...(known.labels.get(family?.name ?? '') ?? [])]));
  if (metric.endsWith('_bucket')) labels.add('le');
  for (const label of labels) available.add(label);
  return matchers.flatMap(({ label, operator, value }) => {
    if (!labels.has(label)) return [`${metric} has no label ${label}`];
    const values = new Set(family?.samples.map((sample) => sample.labels[label]));
    if (ADDED.includes(label) || values.size === 0) return [];
    const wanted = operator.endsWith('~') ? value.split('|') : [value];
    return wanted.filter((each) => !values.has(each)).map((each) => `no ${metric} has ${label}="${each}"`);
  });
}

test('the check sees what is not there', () => {
  for (const expr of [
    'keyrotator_nothing > 0',
    'rate(keyrotator_deliveries_total{tenant="acme"}[5m])',
    'keyrotator_refusals_total{reason="bad luck"}',
    'keyrotator_refusals_total{reason=~"no active keys|bad luck"}',
    'sum by (tenant) (keyrotator_ready)',
    'keyrotator_commit_seconds > 1',
    'keyrotator_ready_count > 1',
    '1 > 0',
  ]) {
    expect(mistakesIn(expr), expr).toHaveLength(1);
  }
  expect(mistakesIn('sum by (le) (rate(keyrotator_commit_seconds_bucket{job="x"}[5m])) > 1e9')).toEqual([]);
});

describe('packaging/prometheus/alerts.yaml', () => {
  it('has alerts, each with a name of its own', () => {
    expect(RULES.length).toBeGreaterThan(15);
    expect(new Set(RULES.map(({ alert }) => alert)).size).toBe(RULES.length);
  });

  it.each(RULES.map((rule) => [rule.alert, rule] as const))('%s asks for what there is', (_, { expr }) => {
    expect(mistakesIn(expr)).toEqual([]);
  });

  it.each(RULES.map((rule) => [rule.alert, rule] as const))(
    '%s says what is wrong and what to do',
    (_, rule) => {
      expect(rule.alert).toMatch(/^KeyRotator[A-Z]\w+$/);
      expect(['page', 'ticket', 'info']).toContain(rule.severity);
      expect(rule.summary).toMatch(/\.$/);
      expect(rule.action.length).toBeGreaterThan(20);
      const { selectors, groupedBy } = namedIn(rule.expr);
      const labels = selectors.flatMap(({ metric }) => [
        ...(known.labels.get(metric) ?? []),
        ...(groupedBy.length > 0 ? [] : ADDED),
      ]);
      for (const [, label = ''] of rule.summary.matchAll(/\$labels\.(\w+)/g))
        expect(groupedBy.length > 0 ? groupedBy : labels, rule.summary).toContain(label);
    },
  );
});

test('docs/operations.md lists the alerts as they are, each with what to do', () => {
  const rows = tableRows(between(readDocument('docs/operations.md'), 'alerts'));
  expect(
    rows.map(([alert = '', severity, action = '']) => [
      inBackticks(alert)[0],
      severity,
      action.replaceAll('`', ''),
    ]),
  ).toEqual(RULES.map(({ alert, severity, action }) => [alert, severity, action]));
});

describe('packaging/grafana/keyrotator.json', () => {
  const shown = PANELS.filter(({ type }) => type !== 'row');

  it('has a variable for the data source, and every panel uses it', () => {
    const [first] = DASHBOARD.templating.list;
    expect(first).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    for (const { datasource, title } of shown) expect(datasource?.uid, title).toBe(`\${datasource}`);
  });

  it.each(shown.map((panel) => [panel.title, panel] as const))('"%s" asks for what there is', (_, panel) => {
    expect(panel.description).toMatch(/\.$/);
    expect(panel.targets?.length).toBeGreaterThan(0);
    for (const { expr, legendFormat } of panel.targets ?? []) {
      expect(mistakesIn(expr)).toEqual([]);
      const { selectors, groupedBy } = namedIn(expr);
      const labels = selectors.flatMap(({ metric }) => [...(known.labels.get(metric) ?? []), ...ADDED]);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect(groupedBy.length > 0 ? groupedBy : labels, legendFormat).toContain(label);
    }
  });
});
