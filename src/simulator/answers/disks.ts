// /nodes/{node}/disks: what disks there are, and what SMART says of each.
import { ApiError } from "../api-error.ts";
import { diskHealth } from "../disk-health.ts";
import { byIdLink, type SimDisk } from "../disks.ts";
import { flagOf, nodeParameter, type ParameterSpec, textOf } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { ataAttributes, nvmeText, wearoutOf } from "../smart-report.ts";
import { nodeOf } from "./lookup.ts";
import { zfsRoutes } from "./zfs.ts";

const optional = (type: ParameterSpec["type"]): ParameterSpec => ({ type, optional: true });

export const diskRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/nodes/{node}/disks/list",
    parameters: {
      ...nodeParameter,
      "include-partitions": optional("boolean"),
      skipsmart: optional("boolean"),
      type: { ...optional("string"), enum: ["unused", "journal_disks"] },
    },
    permission: {
      or: [
        { path: "/", privileges: ["Sys.Audit"] },
        { path: "/nodes/{node}", privileges: ["Sys.Audit"] },
      ],
    },
    forwarded: true,
    answer: (call) => ({ data: list(call) }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/disks/smart",
    parameters: { ...nodeParameter, disk: { type: "string" }, healthonly: optional("boolean") },
    permission: { path: "/", privileges: ["Sys.Audit"] },
    forwarded: true,
    answer: (call) => ({ data: smart(call) }),
  },
  ...zfsRoutes,
];

function list(call: Call): readonly object[] {
  const { parameters } = call;
  const type = textOf(parameters, "type");
  const disks = call.state.disksOf(nodeOf(call).name).filter((disk) => {
    return type === undefined || disk.use.kind === "unused" || (type === "journal_disks" && disk.use.kind === "lvm");
  });
  const parts = flagOf(parameters, "include-partitions");
  return disks.flatMap((disk) => [diskRow(call, disk, parts), ...(parts ? partitions(disk) : [])]);
}

function diskRow({ state, parameters }: Call, disk: SimDisk, withPartitions: boolean): object {
  const health = flagOf(parameters, "skipsmart") ? undefined : diskHealth(disk, state.nowS);
  const used = withPartitions && partitions(disk).length > 0 ? "partitions" : usedOf(disk);
  return {
    vendor: disk.vendor,
    model: disk.model,
    size: disk.sizeBytes,
    serial: disk.serial,
    gpt: disk.use.kind === "zfs" || (disk.use.kind === "lvm" && disk.use.boot) ? 1 : 0,
    rpm: disk.kind === "hdd" ? 7200 : 0,
    type: disk.kind,
    wwn: disk.wwn,
    health: health === undefined ? "UNKNOWN" : verdict(health.passed),
    devpath: disk.devpath,
    wearout: (health === undefined ? undefined : wearoutOf(disk, health)) ?? "N/A",
    by_id_link: byIdLink(disk),
    ...(used === undefined ? {} : { used }),
    ...osdFields(disk),
  };
}

/** smartctl ends a bad verdict with an exclamation mark. */
const verdict = (passed: boolean): string => (passed ? "PASSED" : "FAILED!");

const usedOf = ({ use }: SimDisk): string | undefined => {
  if (use.kind === "unused") return undefined;
  if (use.kind === "osd") return "LVM";
  return use.boot ? "BIOS boot" : use.kind === "zfs" ? "ZFS" : "LVM";
};

/** PVE reads the id out of a text, so it is one; a disk without an OSD has -1 and no list. */
const osdFields = ({ use }: SimDisk): object =>
  use.kind === "osd"
    ? { osdid: String(use.osdId), "osdid-list": [String(use.osdId)], bluestore: 1, osdencrypted: 0 }
    : { osdid: -1, "osdid-list": null };

const mebibyte = 2 ** 20;

function partitions(disk: SimDisk): readonly object[] {
  const { use } = disk;
  if (use.kind === "osd" || use.kind === "unused") return [];
  const data = use.kind === "zfs" ? "ZFS" : "LVM";
  const plan: readonly (readonly [used: string, bytes: number])[] = use.boot
    ? [
        ["BIOS boot", mebibyte],
        ["EFI", 1024 * mebibyte],
        [data, disk.sizeBytes - 1026 * mebibyte],
      ]
    : [
        [data, disk.sizeBytes - 10 * mebibyte],
        ["ZFS reserved", 8 * mebibyte],
      ];
  const separator = disk.kind === "nvme" ? "p" : "";
  return plan.map(([used, size], index) => ({
    devpath: `${disk.devpath}${separator}${used === "ZFS reserved" ? 9 : index + 1}`,
    parent: disk.devpath,
    gpt: 1,
    type: "partition",
    size,
    used,
    osdid: -1,
    "osdid-list": null,
  }));
}

function smart(call: Call): object {
  const path = textOf(call.parameters, "disk") ?? "";
  const disk = call.state.disksOf(nodeOf(call).name).find((candidate) => candidate.devpath === path);
  if (disk === undefined) throw new ApiError(500, "not a valid block device");
  const health = diskHealth(disk, call.state.nowS);
  const result = verdict(health.passed);
  if (flagOf(call.parameters, "healthonly")) return { health: result, type: "text", text: "\n" };
  if (disk.kind !== "nvme") return { health: result, type: "ata", attributes: ataAttributes(disk, health) };
  return { health: result, type: "text", text: nvmeText(health), wearout: wearoutOf(disk, health) };
}
