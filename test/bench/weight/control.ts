/** Asks a service of jobs-on-demand.ts. */
import { request } from 'node:http';

/** Resolves with how many deliveries there are then. Rejects with what the service said, or where it ended meanwhile. */
export function askJobs(socketPath: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method: 'POST', path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('close', () => {
        if (response.statusCode === 200 && response.complete) resolve(Number(text));
        else reject(new Error(`${path} failed: ${text}`));
      });
    });
    asked.on('error', reject).end();
  });
}
