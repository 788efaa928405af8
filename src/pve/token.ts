// The API token: what it must look like, and the header that carries it.
import { ConfigError } from "../lib/errors.ts";
import type { Secret } from "../lib/secret.ts";

export interface Token {
  /** user@realm!name */
  readonly id: string;
  readonly secret: Secret;
}

/** Throws a ConfigError that never shows the secret. */
export function requireToken({ id, secret }: Token): void {
  if (!/^[^\s:/!=]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*$/.test(id)) {
    throw new ConfigError(
      `"${id}" is no token id: it looks like user@realm!name, for instance pilothouse@pve!pilothouse.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(secret.reveal())) {
    throw new ConfigError("The token's secret is empty or has characters that no secret of PVE has.");
  }
}

export const authorization = ({ id, secret }: Token): string => `PVEAPIToken=${id}=${secret.reveal()}`;
