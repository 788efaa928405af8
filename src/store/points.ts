// The points of one series for one question, as columns: what a driver reads and the merge works on.

export interface Points {
  readonly ts: number[];
  readonly stepS: number[];
  /** What the point counts for in averages and sums; 0 for points that only carry a maximum. */
  readonly weight: number[];
  /** The value for the asked aggregation; never NaN: rows without a value are not points. */
  readonly value: number[];
  readonly origin: number[];
  readonly derived: number[];
}

export const emptyPoints = (): Points => ({ ts: [], stepS: [], weight: [], value: [], origin: [], derived: [] });

export interface Point {
  readonly ts: number;
  readonly stepS: number;
  readonly weight: number;
  readonly value: number;
  readonly origin: number;
  readonly derived: number;
}

export function addPoint(points: Points, point: Point): void {
  points.ts.push(point.ts);
  points.stepS.push(point.stepS);
  points.weight.push(point.weight);
  points.value.push(point.value);
  points.origin.push(point.origin);
  points.derived.push(point.derived);
}

export function pointAt(points: Points, index: number): Point {
  return {
    ts: points.ts[index] ?? 0,
    stepS: points.stepS[index] ?? 0,
    weight: points.weight[index] ?? 0,
    value: points.value[index] ?? Number.NaN,
    origin: points.origin[index] ?? 0,
    derived: points.derived[index] ?? 0,
  };
}
