// What goes to a forecasting thread and comes back.
export interface LabTask {
  readonly values: Float64Array;
  /** In steps, shortest first. */
  readonly seasons: readonly number[];
  readonly horizon: number;
}

export interface LabResult {
  readonly mean: Float64Array;
}
