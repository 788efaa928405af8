// Calls into a VM through its guest agent. They block a worker of the node while they wait.
import { ApiError } from "../api-error.ts";
import { isRunning, type SimGuest } from "../entities.ts";
import { agentKind, fileSystems, hasBooted, osInfo, readFile } from "../guest-agent.ts";
import { guestParameters, numberOf, textOf } from "../parameters.ts";
import type { Call, Permission, Route } from "../route.ts";
import { guestOf } from "./lookup.ts";

const base = "/nodes/{node}/qemu/{vmid}/agent";
const monitor: Permission = { path: "/vms/{vmid}", privileges: ["VM.Monitor"] };
const oneOf = (privilege: string): Permission => ({
  path: "/vms/{vmid}",
  privileges: [privilege, "VM.GuestAgent.Unrestricted"],
  any: true,
});

const reads = [
  ["get-fsinfo", ({ state }: Call, guest: SimGuest): unknown => fileSystems(guest, state.nowS)],
  ["get-osinfo", (_: Call, guest: SimGuest): unknown => osInfo(guest)],
] as const;

export const agentRoutes: readonly Route[] = [
  ...reads.map(
    ([command, result]): Route => ({
      method: "GET",
      path: `${base}/${command}`,
      parameters: guestParameters,
      permission: oneOf("VM.GuestAgent.Audit"),
      permissionIn: { "8.4": monitor },
      forwarded: true,
      answer: async (call) => {
        const guest = await reach(call, command);
        return { data: { result: result(call, guest) } };
      },
    }),
  ),
  {
    method: "GET",
    path: `${base}/file-read`,
    parameters: {
      ...guestParameters,
      file: { type: "string" },
      count: { type: "integer", optional: true, minimum: 1, maximum: 16_777_216, since: "9.1" },
      decode: { type: "boolean", optional: true, since: "9.1" },
      offset: { type: "integer", optional: true, minimum: 0, since: "9.1" },
    },
    permission: oneOf("VM.GuestAgent.FileRead"),
    permissionIn: { "8.4": monitor },
    forwarded: true,
    answer: async (call) => ({ data: fileContent(call, await reach(call, "file-open")) }),
  },
];

/** The guest, when its agent answers. */
async function reach(call: Call, command: string): Promise<SimGuest> {
  const guest = guestOf(call, "qemu");
  const kind = agentKind(guest);
  if (kind === "absent") throw new ApiError(500, "No QEMU guest agent configured");
  if (!isRunning(guest)) throw new ApiError(500, `VM ${guest.vmid} is not running`);
  if (kind === "silent" || !hasBooted(guest, call.state.nowS)) {
    throw new ApiError(500, "QEMU guest agent is not running");
  }
  if (kind === "slow") await call.sleep(call.agentTimeoutMs / 2);
  if (kind === "hangs") {
    await call.sleep(call.agentTimeoutMs);
    throw new ApiError(500, `VM ${guest.vmid} qmp command 'guest-${command}' failed - got timeout`);
  }
  return guest;
}

function fileContent(call: Call, guest: SimGuest): object {
  const path = textOf(call.parameters, "file") ?? "";
  const text = readFile(guest, path, call.state.nowS);
  if (text === undefined) {
    const reason = `failed to open file '${path}' (mode: 'r'): No such file or directory`;
    throw new ApiError(500, `can't open file: Agent error: ${reason}`);
  }
  const all = Buffer.from(text);
  const start = numberOf(call.parameters, "offset") ?? 0;
  const shown = all.subarray(start, start + (numberOf(call.parameters, "count") ?? all.length));
  const encoding = call.parameters["decode"] === false ? "base64" : "utf8";
  return { content: shown.toString(encoding), "bytes-read": shown.length };
}
