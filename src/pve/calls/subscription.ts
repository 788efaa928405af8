// The subscription of a node. Its key, server id and signature are secrets of the customer: they are never read, so that
// they cannot be stored, shown or logged.
import { pvePath } from "../path.ts";
import { integer, name, number, record } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface Subscription {
  /** active, notfound, new, invalid, expired, suspended. */
  readonly status: string | undefined;
  readonly product: string | undefined;
  readonly level: string | undefined;
  readonly sockets: number | undefined;
  /** A day, 2027-01-31. */
  readonly nextDue: string | undefined;
  readonly message: string | undefined;
  readonly checkedAtS: number | undefined;
}

export function readSubscription(data: unknown): Subscription {
  const fields = record(data);
  return {
    status: name(fields["status"])?.toLowerCase(),
    product: name(fields["productname"]),
    level: name(fields["level"]),
    sockets: integer(fields["sockets"]),
    nextDue: name(fields["nextduedate"]),
    message: withoutKey(name(fields["message"]), name(fields["key"])),
    checkedAtS: number(fields["checktime"]),
  };
}

/** PVE's sentence names the key when it was not accepted. */
function withoutKey(message: string | undefined, key: string | undefined): string | undefined {
  const known = key === undefined ? message : message?.replaceAll(key, "(key)");
  return known?.replace(/\bpve[0-9][a-z]-[0-9a-f]{10}\b/gi, "(key)");
}

export const subscription = (
  pve: PveReader,
  node: string,
  options: CallOptions = {},
): Promise<PveAnswer<Subscription>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/subscription`, node, read: readSubscription });
