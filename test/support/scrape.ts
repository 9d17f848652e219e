/** Reads the text that Prometheus is given. */

export interface ScrapedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ScrapedSample[];
}

/** Throws at a line that no metric was announced for, or that is no sample. */
export function parseMetrics(text: string): Family[] {
  const families: Family[] = [];
  const helps = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, about, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (about === 'HELP') helps.set(name, rest);
    else if (about === 'TYPE') families.push({ name, type: rest, help: helps.get(name) ?? '', samples: [] });
    else if (line !== '') addSample(families.at(-1), line);
  }
  return families;
}

/** The value of the one sample with exactly these labels; undefined where there is none. */
export function sampleOf(
  families: readonly Family[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  const samples = families.flatMap((family) => family.samples);
  return samples.find(
    (sample) => sample.name === name && JSON.stringify(Object.entries(sample.labels).sort()) === wanted,
  )?.value;
}

function addSample(family: Family | undefined, line: string): void {
  const [, name = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (family === undefined || !name.startsWith(family.name)) throw new Error(`no metric for: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', of = '']) => [key, of]);
  family.samples.push({
    name,
    labels: Object.fromEntries(pairs),
    value: Number(value.replace('Inf', 'Infinity')),
  });
}
