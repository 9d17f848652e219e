/**
 * Checks that the imports of src keep to scripts/structure-rules.ts, and that the check itself sees: it must have
 * read every file and every import of src, report every planted violation and no allowed import. A parser that does
 * not fit the sources reads nothing and finds nothing wrong, so silence alone proves nothing.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { ALLOWED, PLANTS } from './structure-plants.ts';
import { KNOWN_ROOM, STRUCTURE_RULES } from './structure-rules.ts';

const IMPORTS = [
  /^\s*(?:import|export)\s+[\w\s{},*$]*?from\s+'([^']+)'/gm,
  /^\s*import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'/g,
];

function sourceFiles(root: string): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `src/${file.replaceAll('\\', '/')}`);
}

async function read(root: string): Promise<ICruiseResult> {
  const { output } = await cruise(['src'], {
    baseDir: root,
    parser: 'swc',
    tsPreCompilationDeps: true,
    validate: true,
    ruleSet: { forbidden: STRUCTURE_RULES },
    doNotFollow: 'node_modules',
    preserveSymlinks: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json', '.d.ts'],
    },
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with a text');
  return output;
}

function bare(specifier: string): string {
  return specifier.replace(/^node:/, '');
}

/** Lists what the tool did not read although it stands in the sources. */
function unread(root: string, result: ICruiseResult): string[] {
  const modules = new Map(result.modules.map((module) => [module.source, module]));
  return sourceFiles(root).flatMap((file) => {
    const module = modules.get(file);
    if (module === undefined) return [`${file} was not read`];
    const seen = new Set(module.dependencies.map((dependency) => bare(dependency.module)));
    const text = readFileSync(join(root, file), 'utf8');
    return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)])
      .map((match) => match[1] ?? '')
      .filter((specifier) => !seen.has(bare(specifier)))
      .map((specifier) => `${file}: the import of ${specifier} was not read`);
  });
}

function violations(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ from, to, rule }) => `${from} → ${to}: ${rule.name}`);
}

async function checkSources(): Promise<string[]> {
  const result = await read(process.cwd());
  const files = sourceFiles(process.cwd());
  if (files.length === 0) return ['src has no files'];
  const homeless = files
    .filter((file) => !KNOWN_ROOM.test(file))
    .map((file) => `${file} is in no known room`);
  const problems = [...homeless, ...unread(process.cwd(), result), ...violations(result)];
  console.log(`structure: ${files.length} files of src, ${problems.length} problems`);
  return problems;
}

function plant(root: string): void {
  const rooms = [
    'cli',
    'http',
    'jobs',
    'operations',
    'storage',
    'vault',
    'webhooks',
    'mail',
    'audit',
    'events',
  ];
  const targets = [...rooms, 'contract', 'domain', 'config', 'console'].map(
    (room) => `src/${room}/target.ts`,
  );
  for (const { file, text } of [
    ...[...targets, 'test/a.ts'].map((file) => ({ file, text: 'export const x = 1;\nexport type X = 1;' })),
    ...PLANTS,
    ...ALLOWED,
  ]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${text}\n`);
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), readFileSync('package.json'));
}

async function checkPlants(): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'structure-'));
  try {
    plant(root);
    const reported = (await read(root)).summary.violations;
    const missed = PLANTS.filter(
      ({ file, rule }) =>
        !reported.some(
          (it) =>
            it.rule.name.startsWith(rule) &&
            (it.from === file || it.cycle?.some((member) => member.name === file)),
        ),
    );
    const wrong = reported.filter(({ from }) => ALLOWED.some(({ file }) => file === from));
    return [
      ...missed.map(({ file, rule }) => `the planted violation in ${file} was not reported (${rule} …)`),
      ...wrong.map(({ from, rule }) => `the allowed import in ${from} was reported (${rule.name})`),
    ];
  } finally {
    rmSync(root, { recursive: true });
  }
}

const problems = [...(await checkSources()), ...(await checkPlants())];
for (const problem of problems) console.error(`structure: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
