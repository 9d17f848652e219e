/** Writes small country databases in MaxMind's format, version 2.0, for the tests. */
import { parseAddressRule } from '../../src/domain/network.ts';

type Value = string | number | readonly string[] | { readonly [name: string]: Value };

/** Block → its record, as the bytes of a `.mmdb` file. */
export function mmdb(ipVersion: 4 | 6, records: Readonly<Record<string, Value>>): Buffer {
  const nodes: (number | { data: number } | null)[][] = [[null, null]];
  const data: Buffer[] = [];
  let size = 0;
  for (const [block, record] of Object.entries(records)) {
    const parsed = parseAddressRule(block);
    if (!parsed.ok) throw new Error(parsed.detail);
    const { bytes, family, prefixLength } = parsed.rule;
    // IPv4 lies below ::/96.
    const before = family === 4 && ipVersion === 6 ? 96 : 0;
    const length = before + prefixLength;
    let node = 0;
    for (let bit = 0; bit < length; bit++) {
      const byte = bit < before ? 0 : (bytes[(bit - before) >> 3] as number);
      const side = (byte >> (7 - (bit & 7))) & 1;
      const sides = nodes[node] as (typeof nodes)[number];
      if (bit === length - 1) sides[side] = { data: size };
      else {
        sides[side] ??= nodes.push([null, null]) - 1;
        node = sides[side] as number;
      }
    }
    const bytesOf = encode(record);
    data.push(bytesOf);
    size += bytesOf.length;
  }
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [at, sides] of nodes.entries()) {
    for (const [side, to] of sides.entries()) {
      const value = to === null ? nodes.length : typeof to === 'number' ? to : nodes.length + 16 + to.data;
      tree.writeUIntBE(value, at * 6 + side * 3, 3);
    }
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: 'Test-Country',
    description: { en: 'Countries for tests' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([(2 << 5) | bytes.length]), bytes]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([Buffer.from([(6 << 5) | 4]), bytes]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([Buffer.from([value.length, 11 - 7]), ...value.map(encode)]);
  }
  const members = Object.entries(value as { readonly [name: string]: Value });
  const parts = members.flatMap(([name, member]) => [encode(name), encode(member)]);
  return Buffer.concat([Buffer.from([(7 << 5) | members.length]), ...parts]);
}
