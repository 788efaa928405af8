// The API token: what it must look like, and the header that carries it. It does not expire by itself, knows no second
// factor, needs no signing in, and is taken away without touching a user: the way to prefer.
import { ConfigError } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";
import type { Credential } from "./auth-credential.ts";

export interface Token {
  /** user@realm!name */
  readonly id: string;
  readonly secret: Secret;
}

/** Throws a ConfigError that never shows the secret. */
export function tokenCredential({ id, secret }: Token): Credential {
  requireToken({ id, secret });
  return {
    account: id,
    prepare: () => Promise.resolve(),
    prove: () => ({ authorization: `PVEAPIToken=${id}=${secret.reveal()}` }),
    renew: () => Promise.resolve(false),
    refused: (error) => error,
  };
}

function requireToken({ id, secret }: Token): void {
  if (!/^[^\s:/!=]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*$/.test(id)) {
    throw new ConfigError(
      `"${id}" is no token id: it looks like user@realm!name, for instance pilothouse@pve!pilothouse.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(secret.reveal())) {
    throw new ConfigError("The token's secret is empty or has characters that no secret of PVE has.");
  }
}
