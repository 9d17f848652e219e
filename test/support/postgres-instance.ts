/** PostgreSQL servers of a test's own, to stop, kill and restart: gone after the test file, whatever happened to them. */
import { afterAll } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from './postgres-cluster.ts';

const started = new Set<Cluster>();

afterAll(async () => {
  await Promise.all([...started].map((instance) => instance.remove()));
});

/** Starts a server; takes about half a second. */
export async function startInstance(options: ClusterOptions = {}): Promise<Cluster> {
  const instance = await startCluster(options);
  started.add(instance);
  return instance;
}
