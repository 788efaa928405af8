// Facts about one node: hardware and release, certificates.
import { pvePath } from "../path.ts";
import { type Fields, flag, integer, isRecord, name, number, type Rows, record, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import { versionOfManager } from "../version.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface NodeStatus {
  /** Of pve-manager. */
  readonly version: string | undefined;
  readonly kernel: string | undefined;
  readonly uptime: number | undefined;
  /** Over one, five and fifteen minutes. */
  readonly loadavg: readonly (number | undefined)[];
  /** Threads, cores and sockets. */
  readonly cpus: number | undefined;
  readonly cores: number | undefined;
  readonly sockets: number | undefined;
  readonly cpuModel: string | undefined;
  readonly memory: Space;
  readonly swap: Space;
  readonly rootfs: Space;
  readonly ksmSharedBytes: number | undefined;
  /** "efi", "efi (secure boot)" or "legacy-bios". */
  readonly bootMode: string | undefined;
}

export interface Space {
  readonly total: number | undefined;
  readonly used: number | undefined;
  /** What can still be taken: for memory without swapping, for a file system by ordinary users. */
  readonly available: number | undefined;
}

export interface Certificate {
  readonly filename: string | undefined;
  /** SHA-256, AA:BB:… */
  readonly fingerprint: string | undefined;
  /** Seconds since the epoch. */
  readonly notAfterS: number | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
}

export function readNodeStatus(data: unknown): NodeStatus {
  const fields = record(data);
  const cpu = part(fields, "cpuinfo");
  const load = fields["loadavg"];
  return {
    version: versionOfManager(name(fields["pveversion"])),
    kernel: name(part(fields, "current-kernel")["release"]) ?? name(fields["kversion"]),
    uptime: number(fields["uptime"]),
    loadavg: Array.isArray(load) ? load.map(number) : [],
    cpus: integer(cpu["cpus"]),
    cores: integer(cpu["cores"]),
    sockets: integer(cpu["sockets"]),
    cpuModel: name(cpu["model"]),
    memory: readSpace(part(fields, "memory")),
    swap: readSpace(part(fields, "swap")),
    rootfs: readSpace(part(fields, "rootfs")),
    ksmSharedBytes: number(part(fields, "ksm")["shared"]),
    bootMode: bootMode(part(fields, "boot-info")),
  };
}

function bootMode(info: Fields): string | undefined {
  const mode = name(info["mode"]);
  return mode !== undefined && flag(info["secureboot"]) === true ? `${mode} (secure boot)` : mode;
}

const nothing: Fields = {};
const part = (fields: Fields, key: string): Fields => {
  const value = fields[key];
  return isRecord(value) ? value : nothing;
};

const readSpace = (fields: Fields): Space => ({
  total: number(fields["total"]),
  used: number(fields["used"]),
  available: number(fields["available"] ?? fields["avail"]),
});

export const readCertificates = (data: unknown): Rows<Certificate> =>
  rowsOf(data, (row) => ({
    filename: name(row["filename"]),
    fingerprint: name(row["fingerprint"]),
    notAfterS: number(row["notafter"]),
    subject: name(row["subject"]),
    issuer: name(row["issuer"]),
  }));

/** Hardware facts. Its `cpu` depends on when the same worker was asked before, so it is not read. */
export const nodeStatus = (pve: PveReader, node: string, options: CallOptions = {}): Promise<PveAnswer<NodeStatus>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/status`, node, read: readNodeStatus });

export const certificates = (
  pve: PveReader,
  node: string,
  options: CallOptions = {},
): Promise<PveAnswer<Rows<Certificate>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/certificates/info`, node, read: readCertificates });
