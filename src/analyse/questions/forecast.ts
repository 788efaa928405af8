// How one series goes on, step by step: what a graph draws after now. What the night learnt is used; a series that it did
// not see is learnt here, which takes some fifty milliseconds.
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";
import {
  bandLevels,
  type ForecastAnswer,
  type ForecastWeightsDocument,
  type Outlook,
  outlookNames,
} from "../../model/forecasts.ts";
import { type EntityRef, parseEntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { AnalysisContext } from "../context.ts";
import { unpackTrained } from "../forecast/kept-weights.ts";
import { knownBreaks } from "../forecast/known-breaks.ts";
import { type Measured, measureOf } from "../forecast/measure.ts";
import { lastShiftMs } from "../forecast/nightly-result.ts";
import { partKey } from "../forecast/parts.ts";
import type { Forecast, NoForecast, Trained } from "../forecast/question.ts";
import { readSeries } from "../forecast/read-part.ts";
import type { Grid } from "../forecast/series-grids.ts";
import { forecastOf } from "../forecast/stored-forecast.ts";
import { measuredOf, watchedIn } from "../forecast/watched.ts";
import { defineQuestion } from "../question.ts";

const Asked = z.object({ id: z.string(), field: z.string(), outlook: z.enum(outlookNames) });

interface AskedSeries {
  readonly ref: EntityRef;
  readonly measured: Measured;
  readonly outlook: Outlook;
}

export const forecastQuestion = defineQuestion({
  id: "forecast",
  input: Asked,
  async answer(context, { id, field, outlook }): Promise<ForecastAnswer> {
    const asked = askedSeries(id, field, outlook);
    const { ref, measured } = asked;
    const read = await readSeries(context, { ids: [ref.id], measured, outlook });
    const { grid, values } = read.get(ref.id) ?? nothingRead(ref.id);
    const range = { cluster: ref.cluster, subject: ref.id, fromMs: grid.fromMs, toMs: context.nowMs };
    const breaks = await knownBreaks(context, range);
    const trained = await keptFor(context, asked);
    const found = forecastOf(values, {
      grid,
      measured,
      outlook,
      levels: bandLevels,
      breaksMs: breaks(ref.id, measured.id),
      ...(trained === undefined ? {} : { trained }),
    });
    return { id: ref.id, field, outlook, fromMs: grid.toMs, stepMs: grid.stepMs, result: resultOf(found, grid) };
  },
});

/** Throws an InputError for what is no thing, has no such field, or cannot be forecast. */
function askedSeries(id: string, field: MetricId, outlook: Outlook): AskedSeries {
  const ref = parseEntityId(id);
  if (ref === undefined) throw wrong("id", `${JSON.stringify(id)} is not an entity id`);
  const measured = measuredOf(ref.kind, field);
  if (measured === undefined) throw wrong("field", `a ${ref.kind} has no ${JSON.stringify(field)}`);
  measureOf(measured);
  return { ref, measured, outlook };
}

const wrong = (name: string, message: string): InputError =>
  new InputError(`${name}: ${message}.`, [{ pointer: `/query/${name}`, message }]);

function nothingRead(id: string): never {
  throw new RangeError(`the store answered without ${id}`);
}

async function keptFor(
  { documents, fleet }: Pick<AnalysisContext, "documents" | "fleet">,
  { ref, measured, outlook }: AskedSeries,
): Promise<Trained | undefined> {
  const { id, kind, cluster } = ref;
  const key = partKey({ id, kind, field: measured.id }, watchedIn(fleet, cluster, kind).length);
  const found = await documents.list({ name: "forecast-weights", cluster, fromKey: key, toKey: key });
  const kept = found
    .flatMap(({ body }) => (body as ForecastWeightsDocument).series)
    .find((each) => each.id === id && each.field === measured.id && each.outlook === outlook);
  return kept === undefined ? undefined : unpackTrained(kept);
}

function resultOf(found: Forecast | NoForecast, grid: Grid): ForecastAnswer["result"] {
  if (found.none) {
    const { code, reason, trained } = found;
    return { state: "none", code, reason, backtest: trained?.backtest ?? null };
  }
  return {
    state: "forecast",
    mean: rounded(found.mean),
    bands: found.bands.map(({ level, lower, upper }) => ({ level, lower: rounded(lower), upper: rounded(upper) })),
    backtest: found.backtest,
    lastShiftMs: lastShiftMs(found, grid),
  };
}

/** Six digits are more than the forecast has. */
const rounded = (values: Float64Array): readonly number[] =>
  Array.from(values, (value) => Number(value.toPrecision(6)));
