// Seeded randomness as functions of integers: the same question always has the same answer, at any time and in any order.

/** A well mixed 32-bit hash of two integers (the finaliser of MurmurHash3 over a multiplicative combination). */
export function hash(seed: number, index: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export interface Random {
  /** In [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  integer(low: number, highInclusive: number): number;
  pick<T>(items: readonly T[]): T;
  hex(digits: number): string;
}

/** A stream of numbers for building things once; `seed` may come from `hash`. */
export function createRandom(seed: number): Random {
  let index = 0;
  const next = (): number => hash(seed, index++) / 2 ** 32;
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    between: (low, high) => low + next() * (high - low),
    pick: (items) => {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError("pick from an empty list");
      return item;
    },
    hex: (digits) => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join(""),
  };
}
