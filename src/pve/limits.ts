// How hard a cluster may be asked, and how long we wait for it.

export interface PveLimits {
  readonly requestsPerSecond: number;
  /** Per cluster. */
  readonly inFlight: number;
  readonly inFlightPerNode: number;
  readonly exportsInFlightPerNode: number;
  readonly connectTimeoutMs: number;
  /** For calls that the asked node answers itself. */
  readonly timeoutMs: number;
  /** For calls that it forwards: PVE itself gives up after 30 s. */
  readonly forwardedTimeoutMs: number;
  /** After inflation. */
  readonly maxBodyBytes: number;
  readonly maxExportBytes: number;
  /** Failed calls in a row until an endpoint is left alone, and for how long. */
  readonly breakerFailures: number;
  readonly breakerOpenMs: number;
}

export const defaultLimits: PveLimits = {
  requestsPerSecond: 5,
  inFlight: 8,
  inFlightPerNode: 2,
  exportsInFlightPerNode: 1,
  connectTimeoutMs: 3_000,
  timeoutMs: 10_000,
  forwardedTimeoutMs: 35_000,
  maxBodyBytes: 32 * 2 ** 20,
  maxExportBytes: 256 * 2 ** 20,
  breakerFailures: 3,
  breakerOpenMs: 30_000,
};
