// A straight line that outliers do not move (Theil 1950, Sen 1968) through the medians of seasons, plus the season's
// shape: for what grows, such as a storage that fills.
import { TheilSenRegression } from "ml-regression";
import { type Model, modelOf } from "../model.ts";
import { medianOf } from "../numbers.ts";
import { seasonShape, withoutShape } from "./season-shape.ts";

/** The line is laid through so many of the newest blocks: older growth says less, and the work grows by the square. */
const mostBlocks = 60;
const fewestBlocks = 5;

/** `season` is the season whose shape is kept (1 for none), `block` the steps that become one median. */
export function robustTrend(name: string, season: number, block: number): Model {
  return modelOf(name, Math.max(2 * season + 1, fewestBlocks * block), (values, horizon) => {
    const shape = season === 1 ? new Float64Array(1) : seasonShape(values, season);
    const medians = blockMedians(withoutShape(values, shape), block);
    const line = new TheilSenRegression(
      medians.map((_, place) => place),
      medians,
    );
    const last = medians.length - 1;
    const level = medianOf(medians.map((median, place) => median - line.slope * (place - last)));
    // The last block's median stands for its middle.
    return Float64Array.from(
      { length: horizon },
      (_, step) =>
        level + (line.slope * (step + (block + 1) / 2)) / block + (shape[(values.length + step) % shape.length] ?? 0),
    );
  });
}

function blockMedians(values: Float64Array, block: number): number[] {
  const count = Math.min(mostBlocks, Math.floor(values.length / block));
  const begin = values.length - count * block;
  return Array.from({ length: count }, (_, place) =>
    medianOf(values.subarray(begin + place * block, begin + (place + 1) * block)),
  );
}
