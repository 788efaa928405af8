// Who stands out among its equals at one moment: the modified z-score of Iglewicz and Hoaglin (1993),
// 0.6745 × (x − median) / MAD, and where more than half are equal, (x − median) / (1.2533 × mean absolute deviation).
import { outlierScore, peersNeeded } from "./constants.ts";
import { median, type TooLittle, tooLittle } from "./series.ts";

export interface Peer {
  readonly id: string;
  /** In the same unit for all. */
  readonly value: number;
}

export interface Outlier extends Peer {
  /** Modified z-score, beyond ±3.5. */
  readonly score: number;
}

export interface PeerComparison {
  readonly state: "ready";
  readonly median: number;
  /** Range in which nobody stands out. */
  readonly low: number;
  readonly high: number;
  /** Furthest first. */
  readonly outliers: readonly Outlier[];
}

/** `peers` are of one class and measured over the same window; a value that is absent is left out by the caller. */
export function comparePeers(peers: readonly Peer[]): PeerComparison | TooLittle {
  const known = peers.filter(({ value }) => Number.isFinite(value));
  if (known.length < peersNeeded) return tooLittle("peers", peersNeeded, known.length);
  const middle = median(known.map(({ value }) => value));
  const deviations = known.map(({ value }) => Math.abs(value - middle));
  const mad = median(deviations) / 0.6745;
  const unit = mad > 0 ? mad : (1.2533 * deviations.reduce((total, each) => total + each, 0)) / known.length;
  const outliers = known
    .map((peer) => ({ ...peer, score: unit > 0 ? (peer.value - middle) / unit : 0 }))
    .filter(({ score }) => Math.abs(score) > outlierScore)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  return {
    state: "ready",
    median: middle,
    low: middle - outlierScore * unit,
    high: middle + outlierScore * unit,
    outliers,
  };
}
