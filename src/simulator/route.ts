// One call of the API as data: its path, its parameters, who may make it, and the function that answers.
import type { SimToken } from "./access-list.ts";
import type { Release, SimNode } from "./entities.ts";
import type { ParameterSpec, ParameterValues } from "./parameters.ts";
import type { SimulatorState } from "./state.ts";

export interface Call {
  readonly state: SimulatorState;
  /** The node whose listener got the request. */
  readonly called: SimNode;
  /** What the answering node runs: the called one, or the one that the call is forwarded to. */
  readonly release: Release;
  /** Who calls: a token, or a user who signed in. */
  readonly token: SimToken;
  /** Path, query and body together, checked and converted. */
  readonly parameters: ParameterValues;
  /** SHA-256 of the cluster's certificate and the certificate itself. */
  readonly certificate: { readonly fingerprint: string; readonly pem: string; readonly san: readonly string[] };
  /** Waits in real time, for what blocks a worker of the real thing. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly fanOutTimeoutMs: number;
  readonly proxyTimeoutMs: number;
  readonly agentTimeoutMs: number;
}

/** `data` as it stands, or JSON that is written already; `total` stands beside `data` in task lists. */
export type Answer = { readonly data: unknown; readonly total?: number } | { readonly json: string };

export interface PathPermission {
  readonly path: string;
  readonly privileges: readonly string[];
  readonly any?: boolean;
}

export type Permission =
  /** Every user; the answer filters by rights. */
  "all" | PathPermission | { readonly or: readonly PathPermission[] };

export interface Route {
  readonly method: "GET" | "POST";
  /** With `{name}` for each variable part, as the schema writes it. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly permission: Permission;
  /** The permission in a release that asks for another. */
  readonly permissionIn?: Readonly<Partial<Record<Release, Permission>>>;
  /** The first release that has the call. */
  readonly since?: Release;
  /** Also open to who proves nothing, as signing in must be. */
  readonly world?: true;
  /** Whether PVE forwards the call to `{node}`, so that it fails when that node is gone. */
  readonly forwarded: boolean;
  answer(call: Call): Answer | Promise<Answer>;
}
