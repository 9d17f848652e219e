/** The floor: node:http that answers a constant body, given in the environment, and does nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const body = process.env.BENCH_ANSWER ?? '';
const fields = [
  'Content-Type',
  'application/json; charset=utf-8',
  'Content-Length',
  String(Buffer.byteLength(body)),
];

const server = createServer((_request, response) => {
  response.writeHead(200, fields);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`bare node:http serves at http://127.0.0.1:${port}\n`);
});
