// The forecast that every other has to beat: what was a season ago.

/** The last `season` values over and over; the last value where the series is shorter. */
export function seasonalNaive(values: Float64Array, horizon: number, season: number): Float64Array {
  const period = values.length < season ? 1 : season;
  return Float64Array.from({ length: horizon }, (_, step) => values[values.length - period + (step % period)] ?? 0);
}
