// What a core with hyperthreads is worth. A second thread on a busy core adds a quarter, not a whole: a node whose threads
// are half busy may have used 80 % of what it can do.

/** What all threads do together, as a multiple of what one thread per core does; experience, not measured here. */
export const defaultSmtGain = 1.25;

export interface CpuOfNode {
  readonly cores: number;
  readonly threads: number;
}

/** All that the node can do, in cores that are not shared: cores × gain where there are hyperthreads, else its cores. */
export const capacityCores = ({ cores, threads }: CpuOfNode, gain = defaultSmtGain): number =>
  threads > cores ? cores * gain : cores;

/**
 * Of that, what so many busy threads use. Up to one thread per core each counts as a core; beyond, each adds (k − 1) of
 * one. Divided by capacityCores it is (min(1, 2b) + (k − 1) × max(0, 2b − 1)) / k, with b the busy share of the threads
 * and k the gain.
 */
export function coresInUse({ cores, threads }: CpuOfNode, busyThreads: number, gain = defaultSmtGain): number {
  if (threads <= cores) return Math.min(busyThreads, cores);
  // With more than two threads per core the second and later ones share the gain.
  const extra = Math.max(0, Math.min(busyThreads, threads) - cores) / (threads - cores);
  return Math.min(busyThreads, cores) + (gain - 1) * cores * extra;
}
