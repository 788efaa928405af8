// Bytes of eight-byte values, regrouped: first the first byte of every value, then the second of every value, and so on.
// Neighbouring doubles share their upper bytes and little else. Measured on polls: deflate then needs half the time and
// a fifth less room than on the values as they lie.

const width = 8;

/** What does not fill a whole value stays at the end as it is. */
export function toPlanes(bytes: Uint8Array): Uint8Array {
  const values = Math.floor(bytes.length / width);
  const planes = new Uint8Array(bytes.length);
  for (let plane = 0, to = 0; plane < width; plane++) {
    for (let from = plane; from < values * width; from += width) planes[to++] = bytes[from] ?? 0;
  }
  planes.set(bytes.subarray(values * width), values * width);
  return planes;
}

/** Undoes `toPlanes`. The result has a buffer of its own, so that views of eight-byte values may lie in it. */
export function fromPlanes(planes: Uint8Array): ArrayBuffer {
  const values = Math.floor(planes.length / width);
  const bytes = new Uint8Array(planes.length);
  for (let plane = 0, from = 0; plane < width; plane++) {
    for (let to = plane; to < values * width; to += width) bytes[to] = planes[from++] ?? 0;
  }
  bytes.set(planes.subarray(values * width), values * width);
  return bytes.buffer;
}
