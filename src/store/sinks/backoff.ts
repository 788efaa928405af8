// How long to leave a sink alone after it failed.

const firstMs = 1_000;
const longestMs = 60_000;

/** 1 s, 2 s, 4 s … 60 s, each shortened by up to a half, so that many clients of one server do not come together. */
export const backoffMs = (failures: number, random: () => number): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 10)) * (1 - random() / 2);
