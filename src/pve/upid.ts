// Task ids: UPID:<node>:<pid hex8>:<pstart hex8-9>:<start time hex8>:<type>:<id>:<user@realm[!token]>:

export interface Upid {
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  /** Seconds since the epoch. */
  readonly startTimeS: number;
  /** qmstart, vzdump, qmigrate, … */
  readonly type: string;
  /** What it works on: a vmid, a storage, or empty. */
  readonly id: string;
  readonly user: string;
}

const form =
  /^UPID:([A-Za-z0-9][A-Za-z0-9._-]*):([0-9A-Fa-f]{8}):([0-9A-Fa-f]{8,9}):([0-9A-Fa-f]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/;

/** Undefined when it is no UPID. */
export function parseUpid(value: string): Upid | undefined {
  const match = form.exec(value);
  if (match === null) return undefined;
  const [, node = "", pid = "", pstart = "", startTime = "", type = "", id = "", user = ""] = match;
  return {
    node,
    pid: Number.parseInt(pid, 16),
    pstart: Number.parseInt(pstart, 16),
    startTimeS: Number.parseInt(startTime, 16),
    type,
    id,
    user,
  };
}

export function printUpid({ node, pid, pstart, startTimeS, type, id, user }: Upid): string {
  return `UPID:${node}:${hex8(pid)}:${hex8(pstart)}:${hex8(startTimeS)}:${type}:${id}:${user}:`;
}

const hex8 = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
