/** `./keyrotator` as somebody types it, against a real vault. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { keyrotator } from '../../src/cli/admin/commands.ts';
import { makeCheckout } from './checkout.ts';
import { localScript } from './local-command.ts';
import { type Ran, runCommand } from './run-command.ts';
import { startVault, type TestVault } from './start-vault.ts';
import { seedAttempt } from './webhook-attempts.ts';

export const PROVIDER_KEY = 'sk-typed-0123456789abcdef';

/** A vault with something of everything in the tenant `acme`, and a folder to type commands in. */
export interface Furnished {
  readonly vault: TestVault;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clientToken: string;
  /** Runs `keyrotator` to its end. */
  run(args: readonly string[], options?: { env?: NodeJS.ProcessEnv; input?: string }): Promise<Ran>;
}

export async function startFurnished(): Promise<Furnished> {
  // The command line signs by its own clock.
  const vault = await startVault({ at: new Date().toISOString() });
  const made = async (path: string, body: object) => {
    const reply = await vault.admin('POST', path, body);
    if (reply.status !== 201) throw new Error(`${path}: ${reply.text}`);
    return reply.body;
  };
  const clientToken: string = (await made('/tenants', { slug: 'acme' })).client_token;
  const acme = '/tenants/acme';
  for (const slug of ['openai', 'anthropic']) await made(`${acme}/services`, { slug });
  for (const at of [1, 2, 3])
    await made(`${acme}/services/openai/keys`, {
      label: `Key ${at}`,
      key: `sk-${at}-0123456789abcdef`,
      tags: { old: 'yes' },
    });
  await made(`${acme}/groups`, { slug: 'llm', services: ['openai'] });
  await made(`${acme}/apps`, { name: 'first', services: 'all' });
  await made(`${acme}/apps`, { name: 'signed', services: 'all', require_signature: true });
  const webhook = await made(`${acme}/webhooks`, { url: 'https://example.com/hook', events: ['*'] });
  await seedAttempt(vault.jobs.vault, webhook.id);
  await made(`${acme}/emails`, { address: 'first@example.com', events: ['*'] });
  await made(`${acme}/admin-tokens`, { name: 'first', role: 'owner' });
  await made(`${acme}/admin-tokens`, { name: 'second', role: 'owner' });
  await made('/admin-tokens', { name: 'third', role: 'root' });
  await vault.next('service=openai', { token: clientToken });
  const folder = mkdtempSync(join(vault.folder, 'typed-'));
  writeFileSync(join(folder, 'key.txt'), `${PROVIDER_KEY}\n`);
  writeFileSync(join(folder, 'other-key.txt'), 'sk-other-0123456789abcdef\n');
  writeFileSync(
    join(folder, 'keys.csv'),
    'label,key,weight\nA,sk-a-0123456789abcdef,2\nB,sk-b-0123456789abcdef,\n',
  );
  writeFileSync(join(folder, 'keys.json'), '[{"label": "C", "key": "sk-c-0123456789abcdef"}]\n');
  const env = {
    KEYROTATOR_URL: vault.url,
    KEYROTATOR_TOKEN: vault.rootToken,
    KEYROTATOR_TENANT: 'acme',
    KEYROTATOR_CLIENT_TOKEN: clientToken,
  };
  return {
    vault,
    folder,
    env,
    clientToken,
    run: (args, { env: more = {}, input = '' } = {}) =>
      runCommand([process.execPath, localScript('keyrotator'), ...args], {
        cwd: folder,
        env: { ...env, ...more },
        input,
      }),
  };
}

/** Puts `./keyrotator` into a folder, as in a checkout. */
export function installCommand(folder: string): void {
  rmSync(join(folder, 'keyrotator'), { force: true });
  symlinkSync(join(makeCheckout(folder), 'keyrotator'), join(folder, 'keyrotator'));
}

/** Every command and its help, as `--help` prints it. */
export function helpTexts(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (command: Command, name: string) => {
    let printed = '';
    command.configureOutput({
      writeOut: (text) => {
        printed += text;
      },
    });
    command.outputHelp();
    found.set(name, printed);
    for (const each of command.commands) visit(each, `${name} ${each.name()}`.trim());
  };
  visit(keyrotator(), '');
  return found;
}

/** The examples of a help text. */
export function examplesIn(help: string): string[] {
  return [...help.matchAll(/^ {2}\$ (\.\/keyrotator .*)$/gm)].map((match) => match[1] ?? '');
}
