/**
 * The PostgreSQL that the tests share, as a global set-up of vitest: the server of TEST_DATABASE_URL, or one of its own
 * that starts when a test first asks for it, so that runs without such tests do not pay for it.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableMemory } from 'node:process';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from './postgres-cluster.ts';

const GIB = 2 ** 30;

declare module 'vitest' {
  interface ProvidedContext {
    /** Where GET answers with the URL of the server, once it runs. */
    postgresServer: string;
  }
}

/**
 * A file system in memory, where Linux has one. The shared server makes a database for each test, which takes a disk longer
 * than anything else; what is tested with a server that dies has one of its own, on disk.
 */
const MEMORY = '/dev/shm';

function hasRoomInMemory(): boolean {
  if (process.platform !== 'linux' || !existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > 4 * GIB && availableMemory() > 8 * GIB;
}

/** Tells the tests where to ask; what it returns ends everything. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<Cluster> | undefined;
  const path = `/${randomUUID()}`;

  async function serverUrl(): Promise<string> {
    const given = process.env.TEST_DATABASE_URL;
    if (given) return given;
    cluster ??= startCluster({
      settings: { max_connections: '300', max_wal_size: '256MB' },
      ...(hasRoomInMemory() ? { parent: MEMORY } : {}),
    });
    return (await cluster).url;
  }

  const server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    serverUrl().then(
      (url) => response.end(url),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  project.provide('postgresServer', `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);

  return async () => {
    server.close();
    server.closeAllConnections();
    const started = await cluster?.catch(() => undefined);
    await started?.remove();
  };
}
