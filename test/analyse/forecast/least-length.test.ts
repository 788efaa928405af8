import { expect, it } from "vitest";
import { leastLength, planFolds } from "../../../src/analyse/forecast/folds.ts";

it.each([
  [30, [1]],
  [30, [7]],
  [720, [24, 168]],
  [183, [7]],
])(
  "a series that has grown to the length that is named can be tried, and not before: %d steps, seasons %j",
  (horizon, seasons) => {
    for (let has = 1; has < 400; has += 7) {
      const least = leastLength(has, horizon, seasons);

      expect(planFolds(least, horizon, seasons).origins.length).toBeGreaterThan(0);
      if (least > has) expect(planFolds(least - 1, horizon, seasons).origins).toEqual([]);
    }
  },
);
