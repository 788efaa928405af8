// Who can sign in: users, their sessions, API tokens and one-time setup links, and the ports to where they are kept.
// Secrets pass these ports once, when they are made; what is kept is a hash.
import type { Role, Scope } from "./access.ts";

/** A value that prints as nothing; the Secret of lib is one. */
export interface SecretText {
  reveal(): string;
}

export interface User {
  readonly id: string;
  /** Unique without regard to upper and lower case. */
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lastLoginAt: number | null;
}

export interface Session {
  readonly id: string;
  readonly user: User;
  readonly createdAt: number;
  /** The session ends here however busy it is. */
  readonly expiresAt: number;
}

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  /** The id of the user or token that made it; null for the command line. */
  readonly createdBy: string | null;
  readonly createdAt: number;
  /** null: until it is revoked. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export interface NewUser {
  readonly name: string;
  readonly password: SecretText;
  readonly role: Role;
  readonly scope: Scope;
}

export type NewApiToken = Pick<ApiToken, "name" | "role" | "scope" | "createdBy" | "expiresAt">;

export interface Users {
  count(): Promise<number>;
  list(): Promise<readonly User[]>;
  get(id: string): Promise<User | undefined>;
  /** undefined when the name is taken. */
  create(user: NewUser): Promise<User | undefined>;
  /** The user when the password is right; takes as long when there is no such user. */
  verify(name: string, password: SecretText): Promise<User | undefined>;
  /** All sessions of the user end but `keepSession`. False when there is no such user. */
  changePassword(id: string, password: SecretText, keepSession: string | null): Promise<boolean>;
  /** False when there was none. The user's sessions end with it. */
  remove(id: string): Promise<boolean>;
}

export interface Sessions {
  create(userId: string): Promise<{ readonly id: string; readonly secret: SecretText; readonly expiresAt: number }>;
  /** The session of a secret, unless it has expired, was idle too long or has ended; counts as use. */
  find(secret: SecretText): Promise<Session | undefined>;
  /** The same by id and without counting as use, to see whether a session still holds. */
  check(id: string): Promise<Session | undefined>;
  remove(id: string): Promise<boolean>;
}

export interface ApiTokens {
  list(): Promise<readonly ApiToken[]>;
  /** The secret is shown this one time. */
  create(token: NewApiToken): Promise<{ readonly token: ApiToken; readonly secret: SecretText }>;
  /** The token of a secret, unless it has expired or was revoked; counts as use. */
  find(secret: SecretText): Promise<ApiToken | undefined>;
  /** The same by id and without counting as use. */
  check(id: string): Promise<ApiToken | undefined>;
  /** False when there was none that was still valid. */
  revoke(id: string): Promise<boolean>;
}

export interface SetupLinks {
  /** A new secret for `/setup#token=…`; earlier ones stay valid until one is used or they expire. */
  create(): Promise<SecretText>;
  /** True once for a valid secret; then no earlier link works any more. */
  redeem(secret: SecretText): Promise<boolean>;
}
