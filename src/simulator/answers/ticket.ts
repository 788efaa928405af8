// Signing in with a password: what a browser does, and our fallback where there is no API token.
import { ApiError } from "../api-error.ts";
import { type ParameterSpec, textOf } from "../parameters.ts";
import type { Answer, Call, Route } from "../route.ts";

const optional = (type: ParameterSpec["type"]): ParameterSpec => ({ type, optional: true });

export const ticketRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/access/ticket",
    parameters: {},
    permission: "all",
    world: true,
    forwarded: false,
    answer: () => ({ data: null }),
  },
  {
    method: "POST",
    path: "/access/ticket",
    parameters: {
      username: { type: "string" },
      password: { type: "string" },
      realm: optional("string"),
      otp: optional("string"),
      path: optional("string"),
      privs: optional("string"),
      "new-format": optional("boolean"),
      "tfa-challenge": optional("string"),
    },
    permission: "all",
    world: true,
    forwarded: false,
    answer: signIn,
  },
  {
    method: "GET",
    path: "/access/domains",
    parameters: {},
    permission: "all",
    world: true,
    forwarded: false,
    answer: () => ({
      data: [
        { realm: "pam", type: "pam", comment: "Linux PAM standard authentication" },
        { realm: "pve", type: "pve", comment: "Proxmox VE authentication server" },
      ],
    }),
  },
];

function signIn({ state, parameters }: Call): Answer {
  const name = textOf(parameters, "username") ?? "";
  const realm = textOf(parameters, "realm");
  const username = realm === undefined || name.includes("@") ? name : `${name}@${realm}`;
  const password = textOf(parameters, "password") ?? "";
  const { access, nowS } = state;
  const outcome = access.signIn(username, password, nowS);
  // PVE says the same whether the user or the password is wrong.
  if (outcome === "refused") throw new ApiError(401, "authentication failure");
  if (outcome === "second factor") {
    return { data: { username, ticket: access.tickets.issueChallenge(nowS), NeedTFA: 1 } };
  }
  const { ticket, csrfToken } = access.tickets.issue(username, nowS);
  return {
    data: {
      username,
      ticket,
      CSRFPreventionToken: csrfToken,
      clustername: state.clusterName,
      cap: access.caps(username),
    },
  };
}
