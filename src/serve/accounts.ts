// The part of the state database that the server needs.
import type { ApiTokens, Sessions, SetupLinks, Users } from "../model/accounts.ts";

export interface Accounts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly setupLinks: SetupLinks;
}
