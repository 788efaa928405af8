// Writes an answer the way pve-http-server does: reason phrase, headers, gzip, and what the faults make of it.
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FaultList, FaultOf, FaultTarget } from "./fault-list.ts";

const compress = promisify(gzip);
const gzipAboveBytes = 1024;
const jsonType = "application/json;charset=UTF-8";
const megabyte = 2 ** 20;

export interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  readonly type?: string;
}

export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  faults: FaultList,
  target: FaultTarget,
): Promise<void> {
  if (response.destroyed) return;
  const spoil = reply.status < 400 ? faults.strike("body", target) : undefined;
  const text = spoil === undefined ? reply : spoiled(reply, spoil);
  const accepts = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
  const plain = Buffer.from(text.body);
  const packed = accepts && plain.length > gzipAboveBytes ? await compress(plain, { level: 1 }) : undefined;
  const body = packed ?? plain;
  const closes = reply.status >= 400;
  response.writeHead(reply.status, printable(reply.reason), {
    "content-type": text.type ?? jsonType,
    "content-length": body.length,
    ...(packed === undefined ? {} : { "content-encoding": "gzip" }),
    "cache-control": "max-age=0",
    pragma: "no-cache",
    server: "pve-api-daemon/3.0",
    ...(closes ? { connection: "close" } : {}),
  });
  const cut = faults.strike("cut", target);
  if (cut !== undefined) {
    response.write(body.subarray(0, cut.afterBytes), () => request.socket.destroy());
    return;
  }
  response.end(body);
}

function spoiled(reply: Reply, { body }: FaultOf<"body">): Reply {
  switch (body) {
    case "truncated":
      return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
    case "html":
      return { ...reply, body: "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>", type: "text/html" };
    case "null-data":
      return { ...reply, body: '{"data":null}' };
    case "wrong-types":
      return { ...reply, body: reply.body.replace(/:(-?\d[\d.e+-]*)/g, ':["$1"]') };
    case "nan":
      return { ...reply, body: reply.body.replace(/:-?\d[\d.e+-]*/g, ":NaN") };
    case "huge":
      return { ...reply, body: `{"data":"${"x".repeat(50 * megabyte)}"}` };
    case "gzip-bomb":
      // A quarter of a gibibyte that travels as some 260 kB when the client takes gzip.
      return { ...reply, body: `{"data":"${"0".repeat(256 * megabyte)}"}` };
  }
}

/** A status line holds no line breaks and nothing beyond Latin-1. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, " ").trim();
