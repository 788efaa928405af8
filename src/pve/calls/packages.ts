// The Proxmox packages of a node. Reading what could be updated needs a right to change the node; what is installed does not.
import { pvePath } from "../path.ts";
import { name, type Rows, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface Package {
  readonly package: string;
  readonly version: string | undefined;
  readonly state: string | undefined;
  /** The release that runs now, where it may differ from what is installed: the API server, the kernel. */
  readonly running: string | undefined;
}

export const readPackages = (data: unknown): Rows<Package> =>
  rowsOf(data, (row) => {
    const known = name(row["Package"]);
    if (known === undefined) return undefined;
    return {
      package: known,
      version: name(row["OldVersion"]) ?? name(row["Version"]),
      state: name(row["CurrentState"]),
      running: name(row["RunningKernel"]) ?? name(row["ManagerVersion"]),
    };
  });

export const packages = (pve: PveReader, node: string, options: CallOptions = {}): Promise<PveAnswer<Rows<Package>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/apt/versions`, node, read: readPackages });
