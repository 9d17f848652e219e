/** Asks a service of jobs-on-demand.ts for a job. */
import { request } from 'node:http';

/** Rejects with what the service said where the job failed. */
export function askForPruning(socketPath: string, days: number): Promise<{ pruned: number; ms: number }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: 'POST', path: `/prune?days=${days}` }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`pruning failed: ${text}`));
      });
    });
    asked.on('error', reject).end();
  });
}
