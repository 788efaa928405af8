// Key figures of backups and releases.
import { type Kpi, ratio, sum } from "./kpi.ts";

export const protectionKpis: readonly Kpi[] = [
  {
    id: "backup_coverage",
    title: "Backup coverage",
    unit: "ratio",
    summary: "Guests whose newest successful backup is young enough, of all that must be protected.",
    formula: "protected_guests / guests_to_protect",
    inputs: {
      protected_guests: sum("Guests with a successful backup younger than `analysis.backup_max_age`"),
      guests_to_protect: sum("Guests that are no templates"),
    },
    better: "higher",
    target: { min: 1, max: null },
    scopes: "all",
    series: null,
    value: ({ protected_guests: safe, guests_to_protect: all }) => ratio(safe, all),
    example: {
      inputs: { protected_guests: 114, guests_to_protect: 120 },
      value: 0.95,
      words: "Six of 120 guests have no backup of the last 26 hours.",
    },
  },
  {
    id: "recoverability",
    title: "Verified backups",
    unit: "ratio",
    summary: "Guests with a backup of the last 30 days that was verified, of those that have a backup at all.",
    formula: "guests_with_verified_backup / guests_with_backup",
    inputs: {
      guests_with_verified_backup: sum("Guests whose newest backup is of the last 30 days and verified"),
      guests_with_backup: sum("Guests with a backup on a storage"),
    },
    better: "higher",
    target: { min: 0.9, max: null },
    scopes: "all",
    series: null,
    value: ({ guests_with_verified_backup: verified, guests_with_backup: all }) => ratio(verified, all),
    example: {
      inputs: { guests_with_verified_backup: 57, guests_with_backup: 114 },
      value: 0.5,
      words: "57 of 114 newest backups were verified.",
    },
  },
  {
    id: "release_posture",
    title: "Nodes up to date",
    unit: "ratio",
    summary:
      "Nodes on a release that Proxmox still supports that run the kernel they have installed. Pending updates are not read.",
    formula: "current_nodes / nodes",
    inputs: {
      current_nodes: sum("Nodes on a supported release without a kernel that waits for a restart"),
      nodes: sum("Nodes whose release is known"),
    },
    better: "higher",
    target: { min: 1, max: null },
    scopes: "cluster",
    series: null,
    value: ({ current_nodes: current, nodes }) => ratio(current, nodes),
    example: { inputs: { current_nodes: 5, nodes: 6 }, value: 5 / 6, words: "One of six nodes waits for a restart." },
  },
];
