// What other folders may use of the anomaly analyses.
export { alarmScore, gapSteps } from "./constants.ts";
export { AnomalyDetector } from "./detector.ts";
export type { Episode } from "./episode.ts";
export { explainAnomaly, type NamedSeries } from "./explain.ts";
export { explainFlatLine, explainGap, explainShift } from "./explain-others.ts";
export { type FlatLine, findFlatLines } from "./flat-line.ts";
export { findGaps, type Gap } from "./gaps.ts";
export { type CauseQuestion, type KnownCause, knownCauseOf, type Maintenance } from "./known-causes.ts";
export { findLevelShifts, type LevelShift } from "./level-shift.ts";
export { eventsNear } from "./near-events.ts";
export { comparePeers, type Outlier, type Peer, type PeerComparison } from "./peers.ts";
export { type Anomaly, findAnomalies, type Scan } from "./scan.ts";
export { median, type Series, type TooLittle } from "./series.ts";
export { SeriesWatch } from "./series-watch.ts";
export type { Reason, Verdict } from "./verdict.ts";
