/** How the server stops. */
import { setTimeout as delay } from 'node:timers/promises';
import { dropHandshakes } from './handshakes.ts';
import type { Server } from './server.ts';

/** How long kept-alive connections are given to send one more request and to be told that it was the last. */
const FAREWELL_MS = 250;
/** Long enough for a connection that the system has taken already to be counted. */
const LOOK_EVERY_MS = 10;

/**
 * Tells the clients that each answer is the last on its connection, takes no further connection, lets the requests under
 * way finish, and closes; what is not finished after `patienceMs` is cut off.
 */
export async function drain(server: Server, patienceMs: number): Promise<void> {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  await farewell(server);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  dropHandshakes(server);
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Ends early where nobody is connected. */
async function farewell(server: Server): Promise<void> {
  const until = performance.now() + FAREWELL_MS;
  do await delay(LOOK_EVERY_MS);
  while (performance.now() < until && (await connections(server)) > 0);
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
