// The cluster log. Without Sys.Syslog on / a token sees its own lines only.
import { integer, name, number, type Rows, rowsOf, text } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface LogLine {
  /** Unique on its node. */
  readonly uid: number;
  readonly node: string;
  /** Seconds since the epoch. */
  readonly timeS: number;
  readonly user: string | undefined;
  /** The program: pvedaemon, pmxcfs, … */
  readonly tag: string | undefined;
  /** Syslog's levels: 3 error, 4 warning, 6 information. */
  readonly priority: number | undefined;
  readonly message: string;
}

export const readClusterLog = (data: unknown): Rows<LogLine> =>
  rowsOf(data, (row) => {
    const [uid, node, timeS, message] = [integer(row["uid"]), name(row["node"]), number(row["time"]), text(row["msg"])];
    if (uid === undefined || node === undefined || timeS === undefined || message === undefined) return undefined;
    return {
      uid,
      node,
      timeS,
      user: name(row["user"]),
      tag: name(row["tag"]),
      priority: integer(row["pri"]),
      message: withoutSecrets(message.trim()),
    };
  });

/** PVE logs the parameters of a change: "update VM 100: -cipassword secret -memory 2048". */
const withoutSecrets = (message: string): string =>
  message.replace(
    /(-{1,2}(?:ci)?(?:password|sshkeys|ssh-public-keys|encryption-key|keyring|secret|token))[\s=]+\S+/gi,
    "$1 (hidden)",
  );

export const clusterLog = (pve: PveReader, max: number, options: CallOptions = {}): Promise<PveAnswer<Rows<LogLine>>> =>
  pve.get({ ...options, path: "/cluster/log", query: { max }, read: readClusterLog });
