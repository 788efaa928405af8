// Regrouped bytes come back as they were, whatever they are and however many.
import fc from "fast-check";
import { expect, it } from "vitest";
import { fromPlanes, toPlanes } from "../../src/store/byte-planes.ts";

it("gives back every byte", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(new Uint8Array(fromPlanes(toPlanes(bytes)))).toEqual(bytes);
    }),
  );
});

it("puts like bytes of neighbouring values together", () => {
  const values = new Float64Array([1, 2, 3]);

  expect([...toPlanes(new Uint8Array(values.buffer)).subarray(18)]).toEqual([0xf0, 0, 8, 0x3f, 0x40, 0x40]);
});
