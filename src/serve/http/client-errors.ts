// Answers to what is not even a request: node's parser has given up, and no route or hook runs.
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { problemDetails, problemType } from "./problem-details.ts";

const answers: Readonly<Record<string, readonly [status: number, line: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "The headers are larger than this service takes."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "The request took too long to arrive."],
};

export function clientErrorHandler(headers: Readonly<Record<string, string>>) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
    const [status, line, detail] = answers[error.code ?? ""] ?? [
      400,
      "Bad Request",
      "This is not a valid HTTP request.",
    ];
    const body = JSON.stringify(problemDetails({ status, detail }, "/", randomUUID()));
    const lines = Object.entries({
      ...headers,
      "content-type": problemType,
      "cache-control": "no-store",
      "content-length": String(Buffer.byteLength(body)),
      connection: "close",
    }).map(([name, value]) => `${name}: ${value}`);
    socket.end(`HTTP/1.1 ${status} ${line}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
  };
}
