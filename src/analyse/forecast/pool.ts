// The methods whose weighted mean is the forecast, for given seasons. One more is one line here.
import { lagSets } from "./lag-sets.ts";
import type { GridSeries, Lasting, Model } from "./model.ts";
import { autoregression } from "./models/autoregression.ts";
import { robustTrend } from "./models/robust-trend.ts";
import { runningProfile } from "./models/running-profile.ts";
import { seasonMeans } from "./models/season-means.ts";
import { seasonalNaive } from "./models/seasonal-naive.ts";
import { seasonalSmoothing } from "./models/seasonal-smoothing.ts";
import { theta } from "./models/theta.ts";
import { plain, type Space } from "./space.ts";

/** Without a season nothing says how fast the past is out of date; this many steps then count as one. */
const fadeStepsWithoutSeason = 100;

/** What every forecast is compared with: the last value, and the last of each season. */
export function naiveModels(seasons: readonly number[]): readonly Model[] {
  return [1, ...seasons].map((season) => seasonalNaive(season === 1 ? "naive" : `naive-${season}`, season));
}

/** `seasons` in steps, shortest first; `space` is the series' own, in which most methods work. */
export function modelPool(seasons: readonly number[], space: Space): readonly Model[] {
  const longest = seasons.at(-1) ?? 1;
  const block = seasons[0] ?? 1;
  const fadeSteps = seasons.length === 0 ? fadeStepsWithoutSeason : longest;
  const regressions = Object.entries(lagSets(seasons)).map(([name, lags]) =>
    autoregression({ name: `regression-${name}`, lags, fadeSteps }),
  );
  const smoothing = seasonalSmoothing("smoothing", seasons);
  const inSpace: readonly Model[] = [
    ...regressions,
    smoothing,
    theta("theta", longest),
    robustTrend("trend", longest, block),
    ...(longest > 1
      ? [seasonMeans("season-means", longest), runningProfile("profile", longest, profileLags(seasons))]
      : []),
  ];
  const asMeasured = [
    ...naiveModels(seasons),
    ...(space === plain ? [] : [...regressions.slice(0, 2), smoothing].map(renamed)),
  ];
  const view = viewIn(space);
  return [...asMeasured, ...inSpace.map((model) => within(view, space, model))];
}

const profileLags = (seasons: readonly number[]): readonly number[] => [
  1,
  2,
  ...(seasons.length > 1 ? seasons.slice(0, 1) : []),
];

const renamed = (model: Model): Model => ({ ...model, name: `${model.name}-plain` });

/** The model working on the values as they look in the space. */
function within(view: (series: GridSeries) => GridSeries, space: Space, model: Model): Model {
  if (space === plain) return model;
  const { lasting } = model;
  return {
    ...model,
    run: (series, origins, horizon) =>
      model.run(view(series), origins, horizon).map((forecast) => forecast.map(space.back)),
    ...(lasting === undefined ? {} : { lasting: lastingWithin(view, space, lasting) }),
  };
}

const lastingWithin = (
  view: (series: GridSeries) => GridSeries,
  space: Space,
  { learn, forecastBy }: Lasting,
): Lasting => ({
  learn: (series) => learn(view(series)),
  forecastBy: (learnt, series, horizon) => forecastBy(learnt, view(series), horizon).map(space.back),
});

/** Series as they look in the space; the newest is remembered, since every method asks for the same. */
function viewIn(space: Space): (series: GridSeries) => GridSeries {
  let newest: { readonly of: GridSeries; readonly view: GridSeries } | undefined;
  return (series) => {
    if (newest?.of !== series)
      newest = { of: series, view: { values: series.values.map(space.into), known: series.known } };
    return newest.view;
  };
}
