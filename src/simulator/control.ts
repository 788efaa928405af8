// /simulator/…: what was planted, and faults on demand. Without a token, from the same machine only.
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { describeError } from "../lib/errors.ts";
import { Fault } from "./fault-list.ts";
import type { Reply } from "./reply.ts";
import type { SimulatorState } from "./state.ts";
import { truthOf } from "./truth.ts";

/** First clears (all, or these ids), then sets. */
const Change = z.strictObject({
  clear: z.union([z.literal(true), z.array(z.string())]).optional(),
  set: z.array(Fault).default([]),
});

export async function answerControl(state: SimulatorState, request: IncomingMessage, path: string): Promise<Reply> {
  if (!isLoopback(request.socket.remoteAddress)) return json(403, "Forbidden", { message: "loopback only" });
  const call = `${request.method ?? ""} ${path}`;
  if (call === "GET /simulator/truth") return json(200, "OK", truthOf(state));
  if (call === "GET /simulator/faults") return json(200, "OK", state.faults.list());
  if (call === "POST /simulator/faults") return changeFaults(state, request);
  return json(404, "Not Found", { message: `there is no ${call}` });
}

async function changeFaults(state: SimulatorState, request: IncomingMessage): Promise<Reply> {
  try {
    const change = Change.parse(JSON.parse(await bodyOf(request)));
    if (change.clear === true) await state.faults.clear();
    else for (const id of change.clear ?? []) await state.faults.clear(id);
    for (const fault of change.set) await state.faults.set(fault);
    return json(200, "OK", state.faults.list());
  } catch (error) {
    return json(400, "Bad Request", { message: describeError(error) });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const json = (status: number, reason: string, value: unknown): Reply => ({
  status,
  reason,
  body: JSON.stringify(value),
});

const isLoopback = (address: string | undefined): boolean =>
  address === "::1" || /^(::ffff:)?127\./.test(address ?? "");
