/** An Express hello-world with Express's own defaults: one route that answers a constant object, given in the environment. */
import type { AddressInfo } from 'node:net';
import express from 'express';

const answer: unknown = JSON.parse(process.env.BENCH_ANSWER ?? '{}');

const app = express();
app.get('/api/next', (_request, response) => {
  response.json(answer);
});
const server = app.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`Express serves at http://127.0.0.1:${port}\n`);
});
