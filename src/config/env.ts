/** The only reader of the environment. */
import { readFileSync } from 'node:fs';

/** The file that a variable's `_FILE` twin names; null where it names none. */
export function fileOf(name: string, env: NodeJS.ProcessEnv = process.env): string | null {
  return env[`${name}_FILE`] ?? null;
}

/**
 * A variable's value, or the content of the file that its `_FILE` twin names, without the line end; undefined where neither is
 * set. An empty one is a value: most likely what was to fill it in did not.
 */
export function readVariable(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): { value: string | undefined; mistake: string | null } {
  const direct = env[name];
  const file = fileOf(name, env);
  if (file === null) return { value: direct, mistake: null };
  if (direct !== undefined)
    return { value: undefined, mistake: `${name} and ${name}_FILE are both set: keep one` };
  if (file === '') return { value: undefined, mistake: `${name}_FILE is empty: name a file, or unset it` };
  try {
    return { value: withoutLineEnd(readFileSync(file, 'utf8')), mistake: null };
  } catch (error) {
    return { value: undefined, mistake: unreadable(name, error) };
  }
}

/** What the content of a variable's file counts as. */
export function withoutLineEnd(content: string): string {
  return content.replace(/\r?\n$/, '');
}

/** That the file of `name` could not be read, without its path. */
export function unreadable(name: string, error: unknown): string {
  return `${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`;
}

/** What Kubernetes sets in every container for a Service whose name begins with keyrotator. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/** The names that begin with `prefix` and that a person has set. */
export function variablesWith(prefix: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const link = SERVICE_LINK.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):/.test(value ?? ''));
    return name.startsWith(prefix) && !link ? [name] : [];
  });
}

/** Variables that other programs need, and that hold no secret of the vault. */
const PASSED_ON = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+)$/;

/** Where programs are looked for. */
export function pathVariable(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.PATH;
}

/** The environment without what begins with `prefix`. */
export function environmentWithout(
  prefix: string,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith(prefix),
    ),
  );
}

/** The environment for a program that this one starts: no secret is in it. */
export function environmentForPrograms(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => PASSED_ON.test(entry[0])),
  );
}
