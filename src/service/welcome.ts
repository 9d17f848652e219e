/** What a person is told on standard output after a start: where the service is, and what they need next. */
import type { Service } from './service.ts';

export function welcome({ url, news }: Service): string {
  // The certificate is for a name that clients know, and seldom for the address that is listened on.
  const curl = url.startsWith('https:') ? 'curl -sk' : 'curl -s';
  const lines = [`KeyRotator serves at ${url}`];
  if (news.masterKeyFile !== null) {
    lines.push(
      '',
      `A master key was made: ${news.masterKeyFile}. Without it nothing in the vault opens: keep a copy elsewhere.`,
    );
  }
  if (news.rootToken !== null) lines.push('', `The root token, shown this once: ${news.rootToken}`);
  if (news.rootTokenFile !== null) lines.push('', `The root token is in ${news.rootTokenFile}.`);
  if (news.demoToken !== null) {
    lines.push(
      '',
      'Try the demo (its keys are made up, and always masked):',
      `${curl} -H 'Authorization: Bearer ${news.demoToken}' '${url}/api/next?service=openai'`,
    );
  }
  return `${lines.join('\n')}\n`;
}
