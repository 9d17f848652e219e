/** What `docker build` would make of the Dockerfile, as a folder: cheap, and without Docker. */
import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT, readDocument } from './markdown.ts';

/** The instructions, each in a line. */
const STAGES = readDocument('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split(/^(?=FROM )/m)
  .map((stage) =>
    stage
      .trim()
      .split('\n')
      .map((line): [string, string] => {
        const [instruction = '', ...rest] = line.split(' ');
        return [instruction, rest.join(' ').trim()];
      }),
  );

function copiedIn(stage: readonly (readonly [string, string])[]): { sources: string[]; to: string }[] {
  return stage
    .filter(([instruction, rest]) => instruction === 'COPY' && !rest.startsWith('--from='))
    .map(([, rest]) => rest.split(/\s+/))
    .map((words) => ({ sources: words.slice(0, -1), to: words.at(-1) ?? '' }));
}

const lastStage = STAGES.at(-1) ?? [];

/** What the build takes from the checkout. */
export const COPIED = STAGES.flatMap(copiedIn).flatMap(({ sources }) => sources);

/** The value of the one such instruction in the image itself. */
export function instruction(name: string): string {
  const found = lastStage.filter(([each]) => each === name);
  if (found.length !== 1) throw new Error(`the Dockerfile has ${found.length} times ${name}`);
  return found[0]?.[1] ?? '';
}

/** The command in exec form, which no shell stands before; fails where it has another form. */
export function execForm(text: string): [string, ...string[]] {
  return JSON.parse(text.slice(text.indexOf('[')));
}

export interface Image {
  /** What is `/` there. */
  readonly root: string;
  readonly env: Record<string, string>;
  /** A command of the image, to be run here by this Node. */
  command(words: readonly string[]): [string, ...string[]];
}

/** Puts the files of the image into a folder; of the packages it has those alone that are not for development. */
export function assembleImage(): Image {
  const root = mkdtempSync(join(tmpdir(), 'keyrotator-image-'));
  for (const { sources, to } of copiedIn(lastStage)) {
    for (const source of sources) {
      const target = to.endsWith('/') ? join(root, to, source) : join(root, to);
      cpSync(join(PROJECT, source), target, { recursive: true });
    }
  }
  linkPackages(join(root, 'app'));
  mkdirSync(join(root, 'data'), { mode: 0o700 });
  const inRoot = (text: string) => text.replace(/^(sqlite:)?\/(?=app|data)/, `$1${root}/`);
  const env = instruction('ENV')
    .split(' ')
    .map((pair) => pair.split('='))
    .map(([name = '', value = '']): [string, string] => [name, inRoot(value)]);
  return {
    root,
    env: Object.fromEntries(env),
    command: ([program, ...args]) => {
      if (program !== 'node') throw new Error(`the image has no ${program}`);
      // A package then finds what lies beside its link, and no package for development.
      return [process.execPath, '--preserve-symlinks', '--preserve-symlinks-main', ...args.map(inRoot)];
    },
  };
}

function linkPackages(app: string): void {
  const { packages } = JSON.parse(readDocument('package-lock.json'));
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(packages)) {
    if (dev === true || !/^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path)) continue;
    mkdirSync(dirname(join(app, path)), { recursive: true });
    symlinkSync(join(PROJECT, path), join(app, path));
  }
}
