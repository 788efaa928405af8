// Who asks: a browser by its session cookie, a program by its API token, or in the demo anyone on this machine.
import type { FastifyRequest } from "fastify";
import { Secret } from "../../lib/secret.ts";
import { everything, type Principal } from "../../model/access.ts";
import type { ApiToken, User } from "../../model/accounts.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { PushPort } from "../../model/push.ts";
import type { Accounts } from "../accounts.ts";
import { shownToken } from "./shown-token.ts";

export type Credential =
  | { readonly kind: "session"; readonly id: string }
  | { readonly kind: "token"; readonly id: string }
  /** A cluster's metric server. */
  | { readonly kind: "push"; readonly cluster: ClusterId }
  | { readonly kind: "anonymous" };

export interface Identity {
  readonly principal: Principal;
  readonly credential: Credential;
}

export interface Authenticator {
  identify(request: FastifyRequest): Promise<Identity | null>;
  /** Who the credential stands for now; undefined when it holds no more. */
  recheck(credential: Credential): Promise<Principal | undefined>;
}

const anonymous: Principal = { id: "anonymous", kind: "system", name: "anonymous", role: "viewer", scope: everything };

export interface AuthenticatorOptions {
  readonly accounts: Pick<Accounts, "sessions" | "tokens">;
  readonly cookieName: string;
  readonly anonymousLoopbackRead: boolean;
  readonly push: Pick<PushPort, "clusterOf">;
}

export function authenticator(options: AuthenticatorOptions): Authenticator {
  const { accounts, cookieName, anonymousLoopbackRead, push } = options;
  const byPushToken = (header: string): Identity | null => {
    // InfluxDB's word is Token; OpenTelemetry has none, and people write Bearer.
    const token = /^(?:Token|Bearer) ([\w.-]{20,200})$/i.exec(header)?.[1];
    const cluster = token === undefined ? undefined : push.clusterOf(token);
    return cluster === undefined ? null : { principal: pushing(cluster), credential: { kind: "push", cluster } };
  };
  const byToken = async (shown: Secret | "wrong"): Promise<Identity | null> => {
    // Whoever shows a token means it: a wrong one is never taken for anonymous.
    const token = shown === "wrong" ? undefined : await accounts.tokens.find(shown);
    return token === undefined
      ? null
      : { principal: principalOfToken(token), credential: { kind: "token", id: token.id } };
  };
  const bySession = async (cookie: string): Promise<Identity | null> => {
    const session = await accounts.sessions.find(new Secret(cookie));
    if (session === undefined) return null;
    return { principal: principalOfUser(session.user), credential: { kind: "session", id: session.id } };
  };
  return {
    async identify(request) {
      const pushed = byPushToken(request.headers.authorization ?? "");
      if (pushed !== null) return pushed;
      const shown = shownToken(request);
      if (shown !== undefined) return byToken(shown);
      const cookie = request.cookies[cookieName];
      const identity = cookie === undefined || cookie.length > 200 ? null : await bySession(cookie);
      if (identity !== null) return identity;
      const free = anonymousLoopbackRead && isDirectFromLoopback(request);
      return free ? { principal: anonymous, credential: { kind: "anonymous" } } : null;
    },

    async recheck(credential) {
      if (credential.kind === "anonymous") return anonymous;
      if (credential.kind === "push") return undefined;
      if (credential.kind === "session") {
        const session = await accounts.sessions.check(credential.id);
        return session && principalOfUser(session.user);
      }
      const token = await accounts.tokens.check(credential.id);
      return token && principalOfToken(token);
    },
  };
}

export const principalOfUser = ({ id, name, role, scope }: User): Principal => ({
  id,
  kind: "user",
  name,
  role,
  scope,
});

const principalOfToken = ({ id, name, role, scope }: ApiToken): Principal => ({ id, kind: "token", name, role, scope });

const pushing = (cluster: ClusterId): Principal => ({
  id: `push/${cluster}`,
  kind: "token",
  name: `push of ${cluster}`,
  role: "push",
  scope: { ...everything, clusters: [cluster] },
});

const forwardingHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/** By the connection's own address. What a proxy on this machine passes on came from elsewhere. */
function isDirectFromLoopback(request: FastifyRequest): boolean {
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  if (address !== "::1" && !address.startsWith("127.")) return false;
  return !forwardingHeaders.some((name) => request.headers[name] !== undefined);
}
