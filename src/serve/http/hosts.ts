// Which names may stand in the Host header. A page of a stranger can point a name of its own at our address (DNS
// rebinding) and then is "same origin" to the browser; it cannot make the browser send another name.
import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import type { ServeSettings } from "../settings.ts";
import { HttpError } from "./http-error.ts";

const loopbackNames = ["localhost", "127.0.0.1", "::1"];

/** Whether only this machine reaches what listens there. */
export const isLoopbackName = (host: string): boolean =>
  loopbackNames.includes(bareName(host)) || /^127\.\d+\.\d+\.\d+$/.test(host);

export type HostCheck = (request: FastifyRequest) => void;

/** Throws an HttpError 421 for a name that is not ours. */
export function hostCheck(settings: Pick<ServeSettings, "host" | "publicUrl" | "allowedHosts">): HostCheck {
  const allowed = new Set([...loopbackNames, settings.host, ...settings.allowedHosts].map(bareName));
  if (settings.publicUrl !== null) allowed.add(bareName(new URL(settings.publicUrl).hostname));
  return (request) => {
    const name = bareName(hostnameOf(request.host));
    // A literal address that the connection really came in on was not looked up, so nobody can have rebound it.
    if (allowed.has(name) || (isIP(name) !== 0 && name === localAddress(request))) return;
    throw new HttpError(
      421,
      `This service does not answer to the name in the Host header; add it to allowed_hosts if it should.`,
    );
  };
}

const bareName = (name: string): string => name.toLowerCase().replaceAll(/^\[|\]$|\.$/g, "");

/** Undefined in HTTP/1.0 requests, whatever fastify's types say. */
function hostnameOf(host: string | undefined): string {
  return (host ?? "").replace(/:\d*$/, "");
}

const localAddress = (request: FastifyRequest): string => (request.socket.localAddress ?? "").replace(/^::ffff:/, "");
