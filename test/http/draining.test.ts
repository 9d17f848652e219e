import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { drain } from '../../src/http/drain.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { RawConnection } from '../support/raw-http.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

it('a client that is connected when the service stops may ask once more, and is told that it was the last time', async () => {
  const server = createHttpServer(null);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const looked = Promise.withResolvers<void>();
  const count = server.getConnections.bind(server);
  server.getConnections = (tell) => {
    looked.resolve();
    return count(tell);
  };
  const client = await RawConnection.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const first = await client.send(REQUEST).receive();
  expect(first.field('connection')).toBe('keep-alive');

  const drained = drain(server, 10_000);
  await Promise.race([looked.promise, client.closed]);
  for (let turns = 0; turns < 5; turns++) await turn();
  const last = await client.send(REQUEST).receive();
  expect([last.status, last.field('connection')]).toEqual([first.status, 'close']);
  await drained;
});
