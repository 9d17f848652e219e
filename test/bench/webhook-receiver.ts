/** Takes webhooks. A GET tells how many came, and how many different events they were. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const events = new Set<string>();
let received = 0;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ received, events: events.size }));
    return;
  }
  request.resume().on('end', () => {
    received += 1;
    events.add(String(request.headers['webhook-id']));
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`the receiver listens at http://127.0.0.1:${port}\n`);
});
