import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LayeredMap } from '../../../src/domain/layered-map.ts';

const MOST = 30;
const ids = fc.array(fc.integer({ min: 1, max: MOST }), { maxLength: 8 });

function held(map: { get(id: number): { id: number } | undefined }) {
  return Array.from({ length: MOST + 1 }, (_, id) => map.get(id));
}

it('holds what a Map would, after any changes and copies, and leaves what it was copied from as it was', () => {
  fc.assert(
    fc.property(
      ids,
      fc.array(fc.record({ put: ids, gone: ids, own: ids }), { maxLength: 20 }),
      (first, steps) => {
        const entries = (of: number[]) => of.map((id) => [id, { id }] as const);
        let layered = LayeredMap.of(entries(first));
        let plain = new Map(entries(first));
        for (const { put, gone, own } of steps) {
          const [before, expected] = [layered, held(plain)];
          const added = entries(put);
          layered = layered.with(added, gone);
          plain = new Map([...plain].filter(([id]) => !gone.includes(id)));
          for (const [id, value] of added) plain.set(id, value);
          for (const [id, value] of entries(own)) {
            layered.set(id, value);
            plain.set(id, value);
          }
          expect(held(layered)).toEqual(held(plain));
          expect(held(before)).toEqual(expected);
        }
      },
    ),
  );
});
