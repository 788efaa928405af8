// Who we are to the cluster: its release and the token's effective rights.

import { pvePath } from "../path.ts";
import { flag, isRecord, name, record, UnreadableAnswer } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import { isVersion } from "../version.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface Version {
  /** Of pve-manager, for instance "9.2.11". */
  readonly version: string;
  /** "9.2" */
  readonly release: string;
  readonly repoId: string | undefined;
}

/** Path → privilege → whether it holds for everything below the path, too. */
export type Permissions = ReadonlyMap<string, ReadonlyMap<string, boolean>>;

export function readVersion(data: unknown): Version {
  const fields = record(data);
  const version = name(fields["version"]);
  if (version === undefined || !isVersion(version)) throw new UnreadableAnswer("a version", fields["version"]);
  const release = name(fields["release"]) ?? version.split(".").slice(0, 2).join(".");
  return { version, release, repoId: name(fields["repoid"]) };
}

export function readPermissions(data: unknown): Permissions {
  // Perl gives an empty hash as an empty list when a token has no rights at all.
  if (Array.isArray(data) && data.length === 0) return new Map();
  const paths = Object.entries(record(data)).filter(([, held]) => isRecord(held));
  return new Map(paths.map(([path, held]) => [path, readHeld(record(held))]));
}

const readHeld = (held: Readonly<Record<string, unknown>>): ReadonlyMap<string, boolean> =>
  new Map(Object.entries(held).map(([privilege, propagates]) => [privilege, flag(propagates) === true]));

/** The release of the node that answers. */
export const version = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Version>> =>
  pve.get({ ...options, path: "/version", read: readVersion });

/** The release of one node; nodes differ during an upgrade. */
export const nodeVersion = (pve: PveReader, node: string, options: CallOptions = {}): Promise<PveAnswer<Version>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/version`, node, read: readVersion });

/** The effective rights of our token. */
export const permissions = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Permissions>> =>
  pve.get({ ...options, path: "/access/permissions", read: readPermissions });
