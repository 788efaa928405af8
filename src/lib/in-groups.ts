// A list in pieces, for whoever takes only so much at once.

/** Slices of at most `size`, in order; none of an empty list. */
export function* inGroups<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
