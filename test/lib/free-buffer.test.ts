import { describe, expect, it } from "vitest";
import { freeBuffers } from "../../src/lib/free-buffer.ts";

const mebibyte = 2 ** 20;

describe("freeing buffers", () => {
  it("gives the memory back at once, without a garbage collection", () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let round = 0; round < 200; round++) freeBuffers(Buffer.alloc(4 * mebibyte, round));

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * mebibyte);
  });

  it("leaves the views empty, all of one buffer at once, and takes a buffer that is free already", () => {
    const values = new Float64Array(mebibyte);
    const part = values.subarray(10, 20);

    freeBuffers(part, values);
    freeBuffers(values);

    expect([values.length, part.length]).toEqual([0, 0]);
  });

  it("leaves small and shared ones alone", () => {
    const pooled = Buffer.from("small");
    const shared = new Uint8Array(new SharedArrayBuffer(mebibyte));

    freeBuffers(pooled, shared);

    expect(pooled.toString()).toBe("small");
    expect(shared.length).toBe(mebibyte);
  });
});
