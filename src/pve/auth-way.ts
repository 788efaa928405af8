// The two ways to sign in to a cluster, as the configuration gives them.
import type { Clock } from "../lib/clock.ts";
import type { Credential } from "./auth-credential.ts";
import { type Login, TicketCredential } from "./auth-ticket.ts";
import { type Token, tokenCredential } from "./token.ts";

export type AccessWay = { readonly token: Token } | { readonly login: Login };

/** Throws a ConfigError for what can be neither. */
export const credentialOf = (way: AccessWay, clock: Clock): Credential =>
  "token" in way ? tokenCredential(way.token) : new TicketCredential(way.login, clock);
