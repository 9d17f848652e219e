/** The only reader of the environment. */
import { readFileSync } from 'node:fs';

/** A variable's value, or the content of the file that its `_FILE` twin names, without the line end; undefined where it is unset or empty. */
export function readVariable(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): { value: string | undefined; mistake: string | null } {
  const direct = env[name] || undefined;
  const file = env[`${name}_FILE`] || undefined;
  if (file === undefined) return { value: direct, mistake: null };
  if (direct !== undefined)
    return { value: undefined, mistake: `${name} and ${name}_FILE are both set: keep one` };
  try {
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined, mistake: null };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { value: undefined, mistake: `${name}_FILE cannot be read (${code})` };
  }
}

/** Variables that other programs need, and that hold no secret of the vault. */
const PASSED_ON = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+)$/;

/** The environment for a program that this one starts: no secret is in it. */
export function environmentForPrograms(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => PASSED_ON.test(entry[0])),
  );
}
