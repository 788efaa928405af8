// Pools and their members.
import { ApiError } from "../api-error.ts";
import { pools } from "../guest-plan.ts";
import { type ParameterSpec, textOf } from "../parameters.ts";
import { isAllowed } from "../rights.ts";
import type { Answer, Call, Route } from "../route.ts";
import { resourceRows } from "./resources.ts";

const type: ParameterSpec = { type: "string", optional: true, enum: ["qemu", "lxc", "storage"] };

export const poolRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/pools",
    parameters: { poolid: { type: "string", optional: true }, type },
    permission: "all",
    forwarded: false,
    answer: list,
  },
  {
    method: "GET",
    path: "/pools/{poolid}",
    parameters: { poolid: { type: "string" }, type },
    permission: { path: "/pool/{poolid}", privileges: ["Pool.Audit"] },
    forwarded: false,
    answer: (call) => {
      const pool = named(textOf(call.parameters, "poolid") ?? "");
      return { data: { comment: pool.comment, members: members(call, pool.poolid) } };
    },
  },
];

function list(call: Call): Answer {
  const { state, token } = call;
  const poolid = textOf(call.parameters, "poolid");
  if (poolid === undefined) {
    const visible = pools.filter((pool) => mayAudit(call, pool.poolid));
    return { data: visible.map((pool) => ({ ...pool })) };
  }
  if (!isAllowed(state, token, { path: `/pool/${poolid}`, privileges: ["Pool.Audit"] })) {
    throw new ApiError(403, `Permission check failed (/pool/${poolid}, Pool.Audit)`);
  }
  return { data: [{ ...named(poolid), members: members(call, poolid) }] };
}

const mayAudit = ({ state, token }: Call, poolid: string): boolean =>
  isAllowed(state, token, { path: `/pool/${poolid}`, privileges: ["Pool.Audit"] });

function named(poolid: string): (typeof pools)[number] {
  const pool = pools.find((candidate) => candidate.poolid === poolid);
  if (pool === undefined) throw new ApiError(500, `pool '${poolid}' does not exist`);
  return pool;
}

/** As in /cluster/resources. */
const members = (call: Call, poolid: string): readonly object[] =>
  resourceRows(call, "vm")
    .filter((row) => row["pool"] === poolid)
    .filter((row) => call.parameters["type"] === undefined || row["type"] === call.parameters["type"]);
