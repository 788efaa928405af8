// The cookie that holds a browser's session. With TLS its name begins with __Host-, which browsers take only when it is
// Secure, for this host alone and for the whole of it.
import type { FastifyReply } from "fastify";
import type { SecretText } from "../../model/accounts.ts";

export interface SessionCookie {
  readonly name: string;
  set(reply: FastifyReply, secret: SecretText, expiresAt: number): void;
  clear(reply: FastifyReply): void;
}

export function sessionCookie(https: boolean, basePath: string): SessionCookie {
  const name = https ? "__Host-pilothouse" : "pilothouse";
  const path = https || basePath === "" ? "/" : basePath;
  const attributes = { path, httpOnly: true, sameSite: "strict", secure: https } as const;
  return {
    name,
    set: (reply, secret, expiresAt) =>
      void reply.setCookie(name, secret.reveal(), { ...attributes, expires: new Date(expiresAt) }),
    clear: (reply) => void reply.clearCookie(name, attributes),
  };
}
