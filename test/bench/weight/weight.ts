/** Measures how the vault carries weight: many keys, a long history, and work beside the deliveries. */
import { findLoadTool } from '../load.ts';
import { describeMachine, fileSystemOf } from '../machine.ts';
import { table } from '../markdown-table.ts';
import type { Options } from '../options.ts';
import { targetTable } from '../report.ts';
import type { Stage } from '../stage.ts';
import type { Verdict } from '../targets.ts';
import { Databases } from './databases.ts';
import { measureExport } from './export.ts';
import { measureHistory } from './history.ts';
import { measureImport } from './import.ts';
import { measureKeys } from './keys.ts';
import { measureNeighbours } from './neighbours.ts';
import type { Part, PartContext } from './part.ts';
import type { PartName, WeightPlan } from './plan.ts';
import { measureSoak } from './soak.ts';

const MEASURES: Readonly<Record<PartName, (context: PartContext) => Promise<readonly Part[]>>> = {
  keys: async (context) => [await measureKeys(context)],
  history: measureHistory,
  import: measureImport,
  neighbours: measureNeighbours,
  export: measureExport,
  soak: measureSoak,
};

export interface WeightResult {
  readonly at: string;
  readonly machine: string;
  readonly tool: string;
  readonly fileSystem: string;
  readonly options: Options;
  readonly plan: WeightPlan;
  readonly parts: readonly Part[];
  readonly verdicts: readonly Verdict[];
  readonly isFaulty: boolean;
}

export async function measureWeight(
  stage: Stage,
  options: Options,
  plan: WeightPlan,
  tell: (line: string) => void,
): Promise<WeightResult> {
  const at = new Date().toISOString();
  const machine = describeMachine();
  const tool = await findLoadTool(stage);
  const databases = await Databases.open(stage, options, plan);
  try {
    const parts: Part[] = [];
    for (const name of plan.parts) {
      parts.push(...(await MEASURES[name]({ stage, tool, options, plan, databases, tell })));
    }
    return {
      at,
      machine,
      tool: tool.name,
      fileSystem: fileSystemOf(stage.folder).name,
      options,
      plan,
      parts,
      verdicts: parts.flatMap(({ verdicts }) => verdicts),
      isFaulty: parts.some(({ faults }) => faults.length > 0),
    };
  } finally {
    await databases.close();
  }
}

export function renderWeight(result: WeightResult): string {
  const { at, machine, tool, fileSystem, options, plan, parts } = result;
  const engine = options.engine === 'sqlite' ? `SQLite on ${fileSystem}` : 'one replica on PostgreSQL';
  const smaller =
    plan.smaller === 1
      ? []
      : [`- Data sets smaller by ${plan.smaller} than those that the targets are for: they say little`];
  return `${[
    '# Weight',
    [
      `- ${at}, ${machine}`,
      `- ${engine}; load: ${tool}, ${options.seconds} s each in a round, ${options.rounds} rounds, medians; ratios are taken within a round`,
      ...smaller,
    ].join('\n'),
    ...parts.map(renderPart),
  ].join('\n\n')}\n`;
}

function renderPart({ title, setting, head, rows, verdicts, faults }: Part): string {
  return [
    `## ${title}`,
    setting.map((line) => `- ${line}`).join('\n'),
    table(head, rows),
    ...(faults.length === 0 ? [] : [`INVALID: ${[...new Set(faults)].join('; ')}`]),
    targetTable(verdicts),
  ].join('\n\n');
}
