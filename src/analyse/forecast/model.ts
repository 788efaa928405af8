// What a forecasting method is: one file in models/, one line in pool.ts.

/** A series on a regular grid without holes. */
export interface GridSeries {
  readonly values: Float64Array;
  /** 1 where the value was measured, 0 where a gap was filled: filled values are never learnt from. */
  readonly known: Float64Array;
}

export interface Model {
  readonly name: string;
  /** Values before an origin without which it cannot be computed. */
  readonly needs: number;
  /**
   * Forecasts of `horizon` steps from each origin. An origin is the number of values known there; origins ascend. Values
   * from an origin on have no influence on its forecast, so that a backtest is honest; all origins come in one call,
   * because most methods get from one origin to the next with little work.
   */
  readonly run: (series: GridSeries, origins: readonly number[], horizon: number) => readonly Float64Array[];
  /** For methods whose learning is most of their work and holds for some days. */
  readonly lasting?: Lasting;
}

export interface Lasting {
  /** What the whole series teaches, free of its level and unit. */
  readonly learn: (series: GridSeries) => Float64Array;
  /** The forecast from the end of the series by what was learnt, then or earlier. */
  readonly forecastBy: (learnt: Float64Array, series: GridSeries, horizon: number) => Float64Array;
}

/** A model that looks at each origin alone. */
export function modelOf(
  name: string,
  needs: number,
  forecast: (values: Float64Array, horizon: number) => Float64Array,
): Model {
  return {
    name,
    needs,
    run: ({ values }, origins, horizon) => origins.map((origin) => forecast(values.subarray(0, origin), horizon)),
  };
}
