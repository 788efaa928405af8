// Whether a cluster goes on without a node: votes of corosync, copies of Ceph.
import type { CephAfter, QuorumAfter } from "../../model/node-failure.ts";
import type { ClusterModel, ModelCeph } from "./cluster-model.ts";

/** Ceph stops filling OSDs here (its own default, mon_osd_nearfull_ratio). */
const nearFull = 0.85;

/** One vote per node; a QDevice, which PVE's API does not tell to readers, would only help. */
export function quorumWithout({ clustered, nodes }: ClusterModel, lost: string): QuorumAfter | null {
  if (!clustered) return null;
  const votesLeft = nodes.filter(({ name, online }) => online && name !== lost).length;
  const votesNeeded = Math.floor(nodes.length / 2) + 1;
  return { votesLeft, votesNeeded, kept: votesLeft >= votesNeeded };
}

/** A pool goes on while the copies that are certainly left reach its min_size; each lost host may hold one. */
export function cephWithout(model: ClusterModel, lost: string): CephAfter | null {
  const { ceph } = model;
  if (ceph === null) return null;
  if (ceph.hosts[lost] === undefined) {
    return { survives: true, sentence: `Ceph has no running OSD on ${lost}`, alsoStops: 0 };
  }
  const hostsLeft = Object.keys(ceph.hosts).length - 1;
  const away = ceph.hostsDown.length + 1;
  const stopped = ceph.pools.filter(({ copies, minCopies }) => Math.min(copies - away, hostsLeft) < minCopies);
  const [worst] = stopped;
  if (worst !== undefined) {
    const left = Math.max(0, Math.min(worst.copies - away, hostsLeft));
    const sentence = `Ceph stops: pool ${worst.name} needs ${worst.minCopies} copies, ${left} may be left`;
    return { survives: false, sentence, alsoStops: onCeph(model, lost) };
  }
  return { survives: true, sentence: healing(ceph, lost, hostsLeft), alsoStops: 0 };
}

const onCeph = ({ guests, cephStorages }: ClusterModel, lost: string): number =>
  guests.filter(({ node, disks }) => node !== lost && disks?.shared.some((name) => cephStorages.includes(name))).length;

function healing({ hosts, pools, usedBytes }: ModelCeph, lost: string, hostsLeft: number): string {
  const most = Math.max(0, ...pools.map(({ copies }) => copies));
  if (hostsLeft < most) return `Ceph goes on with ${hostsLeft} hosts and cannot make up the lost copies`;
  const left = Object.entries(hosts).reduce((sum, [host, bytes]) => sum + (host === lost ? 0 : bytes), 0);
  if (usedBytes === null || left === 0) return "Ceph goes on and makes up the lost copies";
  const share = Math.round((100 * usedBytes) / left);
  return usedBytes <= nearFull * left
    ? `Ceph goes on and makes up the lost copies: ${share} % of the remaining OSDs`
    : `Ceph goes on, but its copies would fill ${share} % of the remaining OSDs (85 % is near full)`;
}
