// Rectangles whose areas are as the values, as square as can be: the squarified layout of Bruls, Huizing and van Wijk.

export interface Tile<Item> {
  readonly item: Item;
  /** In shares of the whole, from 0 to 1. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Room {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Values above 0 only, largest first; `aspect` is the width of the whole by its height. */
export function treemap<Item>(items: readonly Item[], valueFor: (item: Item) => number, aspect: number): Tile<Item>[] {
  const sorted = items.filter((item) => valueFor(item) > 0).sort((a, b) => valueFor(b) - valueFor(a));
  const sum = sorted.reduce((all, item) => all + valueFor(item), 0);
  const tiles: Tile<Item>[] = [];
  let room: Room = { left: 0, top: 0, width: aspect, height: 1 };
  let rest = sorted.map((item) => ({ item, area: (valueFor(item) / sum) * aspect }));
  while (rest.length > 0) {
    const row = nextRow(rest, Math.min(room.width, room.height));
    tiles.push(...placed(row, room));
    room = without(room, row);
    rest = rest.slice(row.length);
  }
  return tiles.map((tile) => ({ ...tile, left: tile.left / aspect, width: tile.width / aspect }));
}

interface Sized<Item> {
  readonly item: Item;
  readonly area: number;
}

/** As many as make the worst rectangle of the row no worse. */
function nextRow<Item>(rest: readonly Sized<Item>[], side: number): Sized<Item>[] {
  let row = rest.slice(0, 1);
  for (let length = 2; length <= rest.length; length++) {
    const longer = rest.slice(0, length);
    if (worst(longer, side) > worst(row, side)) break;
    row = longer;
  }
  return row;
}

/** The largest ratio of sides in a row that is laid along `side`. */
function worst(row: readonly Sized<unknown>[], side: number): number {
  const sum = areaOf(row);
  const areas = row.map(({ area }) => area);
  return Math.max((side ** 2 * Math.max(...areas)) / sum ** 2, sum ** 2 / (side ** 2 * Math.min(...areas)));
}

const areaOf = (row: readonly Sized<unknown>[]): number => row.reduce((sum, { area }) => sum + area, 0);

function placed<Item>(row: readonly Sized<Item>[], { left, top, width, height }: Room): Tile<Item>[] {
  const isTall = height <= width;
  const depth = areaOf(row) / (isTall ? height : width);
  let along = 0;
  return row.map(({ item, area }) => {
    const length = depth === 0 ? 0 : area / depth;
    const at = along;
    along += length;
    return isTall
      ? { item, left, top: top + at, width: depth, height: length }
      : { item, left: left + at, top, width: length, height: depth };
  });
}

function without({ left, top, width, height }: Room, row: readonly Sized<unknown>[]): Room {
  const isTall = height <= width;
  const depth = areaOf(row) / (isTall ? height : width);
  return isTall
    ? { left: left + depth, top, width: Math.max(0, width - depth), height }
    : { left, top: top + depth, width, height: Math.max(0, height - depth) };
}
