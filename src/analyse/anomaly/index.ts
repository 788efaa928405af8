// What other folders may use of the anomaly detector.
export { AnomalyDetector } from "./detector.ts";
export type { Reason, Verdict } from "./verdict.ts";
