/** Gets a key from the vault, as a program does that has a client token or an app's. */
import type { Command } from 'commander';
import { isSlug } from '../../domain/slug.ts';
import { deliveryToken, signingSecret, vaultUrl } from './connection.ts';
import { EXIT, Failure } from './failure.ts';
import { plainLines } from './plain-text.ts';
import { type Common, examplesOf } from './program.ts';
import { signerWith } from './sign-request.ts';
import { VaultClient } from './vault-client.ts';

const SUMMARY = 'Prints a key of a service, and nothing else.';
export const TOKEN_OF_DELIVERIES =
  'The token is that of KEYROTATOR_APP_TOKEN, or where there is none that of KEYROTATOR_CLIENT_TOKEN, or of the file that either names with _FILE behind it; of an app for signed requests KEYROTATOR_SIGNING_SECRET is the secret. Each call is a delivery: it counts, and is on record.';

/** For whoever gave no secret to sign with. */
const UNSIGNED = {
  'invalid signature':
    'the app is for signed requests: set KEYROTATOR_SIGNING_SECRET_FILE or KEYROTATOR_SIGNING_SECRET, its signing secret',
};

export function addGet(program: Command): void {
  const command = program
    .command('get')
    .summary(SUMMARY)
    .description(`${SUMMARY}\n\n${TOKEN_OF_DELIVERIES}`)
    .argument('<SERVICE>')
    .option('--mask', 'masked')
    .addHelpText('after', examplesOf(['get openai', 'get openai --mask --json']));
  command.action(async (service: string, { mask }: { mask?: boolean }) => {
    const common = command.optsWithGlobals<Common>();
    const answer = await getKey(service, mask === true, common);
    process.stdout.write(common.json ? `${plainLines(answer)}\n` : `${keyIn(answer)}\n`);
  });
}

/** The answer of a delivery. What was lost on the way is not asked for again: it has been counted. */
export async function getKey(service: string, mask: boolean, common: Common): Promise<string> {
  if (!isSlug(service))
    throw new Failure(EXIT.usage, 'SERVICE takes a slug: lower-case letters, digits and hyphens');
  const client = new VaultClient(vaultUrl(common.url), await deliveryToken(common.tokenFile));
  const query = { service, ...(mask ? { mask: '1' } : {}) };
  const secret = signingSecret();
  const signed = secret === undefined ? { advice: UNSIGNED } : { sign: signerWith(secret) };
  return (await client.json({ method: 'GET', path: '/api/next', query, repeat: 'refused', ...signed })).text;
}

export function keyIn(answer: string): string {
  const { key } = JSON.parse(answer) as { key: unknown };
  if (typeof key === 'string') {
    // What no environment holds, or a terminal obeys, is no key of a provider.
    if (!key.includes('\0') && !key.includes('\u001b')) return key;
    throw new Failure(EXIT.protocol, 'the key holds characters that no key has: look at it in the vault');
  }
  throw new Failure(EXIT.protocol, 'the answer has no key: what answers is no KeyRotator');
}
