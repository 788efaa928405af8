// What differs between the simulated releases in what they say about themselves.
import type { Release, SimNode } from "./entities.ts";

interface ReleaseFacts {
  readonly version: { readonly release: Release; readonly version: string; readonly repoid: string };
  readonly kernel: { readonly release: string; readonly version: string };
  readonly qemu: string;
}

export const releases: Readonly<Record<Release, ReleaseFacts>> = {
  "8.4": {
    version: { release: "8.4", version: "8.4.1", repoid: "2a5fa54a8503f96d" },
    kernel: { release: "6.8.12-9-pve", version: "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-9 (2025-03-16T19:18Z)" },
    qemu: "9.2.0",
  },
  "9.1": {
    version: { release: "9.1", version: "9.1.5", repoid: "80cf92a64bef6889" },
    kernel: { release: "6.17.9-1-pve", version: "#1 SMP PREEMPT_DYNAMIC PMX 6.17.9-1 (2026-01-12T16:25Z)" },
    qemu: "10.1.2",
  },
  "9.2": {
    version: { release: "9.2", version: "9.2.3", repoid: "5f1e4a7c90b3d2e8" },
    kernel: { release: "6.17.13-2-pve", version: "#1 SMP PREEMPT_DYNAMIC PMX 6.17.13-2 (2026-05-20T08:02Z)" },
    qemu: "10.2.1",
  },
};

export function releaseAt(node: SimNode, atS: number): Release {
  const found = node.releases.findLast((span) => span.fromS <= atS) ?? node.releases[0];
  if (found === undefined) throw new RangeError(`node ${node.name} has no release`);
  return found.release;
}

/** What the node runs now. */
export const releaseOf = (node: SimNode): Release => releaseAt(node, Number.POSITIVE_INFINITY);

/** When the node went from 8 to 9, if it ever did. */
export const upgradedAtS = (node: SimNode): number | undefined =>
  node.releases.find((span, index) => index > 0 && span.release !== "8.4")?.fromS;

/** The oldest release in the cluster: what all of its nodes understand. */
export const oldestRelease = (nodes: Iterable<SimNode>): Release =>
  [...nodes].map(releaseOf).reduce((a, b) => (Number(a) < Number(b) ? a : b), "9.2");

export const knows = (since: Release | undefined, release: Release): boolean =>
  since === undefined || Number(release) >= Number(since);

/** The Ceph that clusters of all simulated releases can run. */
export const cephVersion = {
  short: "19.2.3",
  commit: "d0f4aa2f1c7e63b2a7b0d1ad5a4cf3b2e9a01c55",
  long: "ceph version 19.2.3 (d0f4aa2f1c7e63b2a7b0d1ad5a4cf3b2e9a01c55) squid (stable)",
};

/** Packages with the version that is offered and, where a node that lags behind has another, that one. */
export const packageVersions: Readonly<
  Record<Release, readonly (readonly [name: string, version: string, older?: string])[]>
> = {
  "8.4": [
    ["proxmox-ve", "8.4.0"],
    ["pve-manager", "8.4.1"],
    ["qemu-server", "8.3.12", "8.3.8"],
    ["pve-qemu-kvm", "9.2.0-5"],
    ["pve-container", "5.2.6", "5.2.5"],
    ["pve-ha-manager", "4.0.7"],
    ["pve-cluster", "8.1.0"],
    ["libpve-storage-perl", "8.3.6"],
    ["corosync", "3.1.9-pve1"],
    ["zfsutils-linux", "2.2.7-pve2"],
  ],
  "9.1": [
    ["proxmox-ve", "9.1.0"],
    ["pve-manager", "9.1.5"],
    ["qemu-server", "9.1.4", "9.1.1"],
    ["pve-qemu-kvm", "10.1.2-5"],
    ["pve-container", "6.0.18", "6.0.17"],
    ["pve-ha-manager", "5.1.0"],
    ["pve-cluster", "9.0.7"],
    ["libpve-storage-perl", "9.1.0"],
    ["corosync", "3.1.9-pve2"],
    ["zfsutils-linux", "2.3.4-pve1"],
  ],
  "9.2": [
    ["proxmox-ve", "9.2.0"],
    ["pve-manager", "9.2.3"],
    ["qemu-server", "9.2.2", "9.2.0"],
    ["pve-qemu-kvm", "10.2.1-2"],
    ["pve-container", "6.1.6", "6.1.4"],
    ["pve-ha-manager", "5.2.0"],
    ["pve-cluster", "9.1.2"],
    ["libpve-storage-perl", "9.1.5"],
    ["corosync", "3.1.10-pve1"],
    ["zfsutils-linux", "2.4.0-pve1"],
  ],
};
