// What other folders may use of the anomaly analyses.
export { alarmScore } from "./constants.ts";
export { AnomalyDetector } from "./detector.ts";
export { explainAnomaly, type NamedSeries } from "./explain.ts";
export { type FlatLine, findFlatLines } from "./flat-line.ts";
export { findGaps, type Gap } from "./gaps.ts";
export { type CauseQuestion, type KnownCause, knownCauseOf, type Maintenance } from "./known-causes.ts";
export { findLevelShifts, type LevelShift } from "./level-shift.ts";
export { eventsNear } from "./near-events.ts";
export { comparePeers, type Outlier, type Peer, type PeerComparison } from "./peers.ts";
export { type Anomaly, findAnomalies, type Scan } from "./scan.ts";
export type { Series, TooLittle } from "./series.ts";
export type { Reason, Verdict } from "./verdict.ts";
