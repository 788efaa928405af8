// Users, API tokens and access control entries, evaluated as PVE does: the entry nearest to a path counts, roles on a
// pool count for its members, and a token with privilege separation has what both it and its user have.
// Not simulated: groups and realms other than a list of passwords.
import type { IncomingHttpHeaders } from "node:http";
import type { Release } from "./entities.ts";
import { builtInRoles } from "./privileges.ts";
import { Tickets } from "./tickets.ts";

export interface AclEntry {
  readonly path: string;
  /** `user@realm` or `user@realm!token`. */
  readonly principal: string;
  readonly role: string;
  readonly propagate: boolean;
}

/** Who calls: an API token, or a user who signed in. */
export interface SimToken {
  /** `user@realm!token`, or `user@realm` for a user. */
  readonly tokenId: string;
  readonly secret: string;
  readonly privsep: boolean;
  /** Epoch seconds; 0 means never. */
  readonly expireS: number;
}

export interface NewToken {
  readonly user?: string;
  readonly token: string;
  readonly secret?: string;
  /** Default true, as in PVE: the roles are then given to user and token alike. */
  readonly privsep?: boolean;
  readonly expireS?: number;
  readonly roles?: readonly { readonly role: string; readonly path?: string; readonly propagate?: boolean }[];
}

export interface NewUser {
  /** With realm. */
  readonly user: string;
  readonly password: string;
  /** The account has a second factor, as for instance TOTP. */
  readonly secondFactor?: boolean;
  readonly roles?: NewToken["roles"];
}

export interface SignInAttempt {
  readonly atS: number;
  readonly user: string;
  readonly outcome: SignInOutcome;
}
export type SignInOutcome = "ok" | "refused" | "second factor";

/** What a caller of whom nothing is known may do: the few calls that are open to the world. */
export const nobody: SimToken = { tokenId: "", secret: "", privsep: false, expireS: 0 };

/** Paths that /access/permissions always shows when there are rights on them. */
const knownPaths = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

/** What the list has to know of pools. */
export interface PoolOf {
  /** The pool of the guest that a path names. */
  pool(path: string): string | undefined;
  /** The paths of all guests that are in a pool. */
  members(): readonly string[];
}

export class AccessList {
  readonly #roles: Map<string, ReadonlySet<string>>;
  readonly #users = new Map<string, { readonly password: string | null; readonly secondFactor: boolean }>([
    ["root@pam", { password: null, secondFactor: false }],
  ]);
  readonly #tokens = new Map<string, SimToken>();
  #acl: AclEntry[] = [];
  readonly #cache = new Map<string, ReadonlyMap<string, boolean>>();
  readonly #poolOf: PoolOf;
  readonly tickets: Tickets;
  /** Every try to sign in, oldest first. */
  readonly signIns: SignInAttempt[] = [];

  constructor(release: Release, seed = 1, poolOf: PoolOf = { pool: () => undefined, members: () => [] }) {
    this.#roles = builtInRoles(release);
    this.#poolOf = poolOf;
    this.tickets = new Tickets(seed);
  }

  /** Throws a RangeError for a privilege that the release does not know, as `pveum role add` refuses it. */
  defineRole(name: string, privileges: readonly string[]): void {
    const unknown = privileges.find((privilege) => this.#roles.get("Administrator")?.has(privilege) !== true);
    if (unknown !== undefined) throw new RangeError(`invalid privilege '${unknown}'`);
    this.#roles.set(name, new Set(privileges));
    this.#cache.clear();
  }

  privilegesOf(role: string): readonly string[] {
    return [...(this.#roles.get(role) ?? [])];
  }

  /** Makes a token and gives its roles (by default none) to it and to its user. */
  createToken(wish: NewToken): { tokenId: string; tokenSecret: string } {
    const user = wish.user ?? "pilothouse@pve";
    const tokenId = `${user}!${wish.token}`;
    const secret = wish.secret ?? crypto.randomUUID();
    const privsep = wish.privsep ?? true;
    if (!this.#users.has(user)) this.#users.set(user, { password: null, secondFactor: false });
    this.#tokens.set(tokenId, { tokenId, secret, privsep, expireS: wish.expireS ?? 0 });
    for (const { role, path = "/", propagate = true } of wish.roles ?? []) {
      this.grant({ path, principal: user, role, propagate });
      if (privsep) this.grant({ path, principal: tokenId, role, propagate });
    }
    return { tokenId, tokenSecret: secret };
  }

  /** Makes a user who may sign in, or gives an existing one a password. */
  createUser({ user, password, secondFactor = false, roles = [] }: NewUser): void {
    this.#users.set(user, { password, secondFactor });
    for (const { role, path = "/", propagate = true } of roles) {
      this.grant({ path, principal: user, role, propagate });
    }
  }

  /** With the password, or with a ticket that is still good in its place; then nobody asks for the second factor. */
  signIn(user: string, password: string, nowS: number): SignInOutcome {
    const known = this.#users.get(user);
    const renews = known !== undefined && this.tickets.userOf(password, nowS) === user;
    const knows = known?.password != null && known.password === password;
    const outcome = renews ? "ok" : !knows ? "refused" : known.secondFactor ? "second factor" : "ok";
    this.signIns.push({ atS: nowS, user, outcome });
    return outcome;
  }

  /** The rights that a sign-in shows, for PVE's own page: by area, from the paths that stand for it. */
  caps(user: string): Record<string, Record<string, 1>> {
    const areas = { access: "/access/groups", dc: "/", nodes: "/nodes", sdn: "/sdn", storage: "/storage", vms: "/vms" };
    const who: SimToken = { ...nobody, tokenId: user };
    return Object.fromEntries(
      Object.entries(areas).map(([area, path]) => {
        const held = [...this.privileges(who, path).keys()].map((name) => [name, 1] as const);
        return [area, Object.fromEntries(held)];
      }),
    );
  }

  deleteToken(tokenId: string): void {
    this.#tokens.delete(tokenId);
    this.revoke(tokenId);
  }

  grant(entry: AclEntry): void {
    this.#acl.push(entry);
    this.#cache.clear();
  }

  /** Takes entries away from a user or token: those on one path, or all. The token itself stays. */
  revoke(principal: string, path?: string): void {
    this.#acl = this.#acl.filter(
      (entry) => entry.principal !== principal || (path !== undefined && entry.path !== path),
    );
    this.#cache.clear();
  }

  /** Whom the headers of a request prove, or the sentence with which PVE refuses them. */
  authenticate(headers: IncomingHttpHeaders, method: string, nowS: number): SimToken | string {
    const { authorization } = headers;
    return authorization === undefined ? this.#ofTicket(headers, method, nowS) : this.#ofToken(authorization, nowS);
  }

  #ofTicket({ cookie = "", ...headers }: IncomingHttpHeaders, method: string, nowS: number): SimToken | string {
    const given = /(?:^|[;\s])PVEAuthCookie=([^;]*)/.exec(cookie)?.[1];
    if (given === undefined || given === "") return "No ticket";
    const user = this.tickets.userOf(unescaped(given), nowS);
    if (user === undefined || !this.#users.has(user)) return "permission denied - invalid PVE ticket";
    const csrfToken = headers["csrfpreventiontoken"];
    const isSafe = method === "GET" || this.tickets.isCsrfToken(user, csrfToken?.toString(), nowS);
    return isSafe ? { ...nobody, tokenId: user } : "Permission denied - invalid csrf token";
  }

  #ofToken(header: string, nowS: number): SimToken | string {
    const match = /^PVEAPIToken[= ]([^=\s]+)=(\S+)$/.exec(header);
    if (match === null) return "No ticket";
    const [, tokenId = "", secret = ""] = match;
    const user = tokenId.split("!")[0] ?? "";
    if (!this.#users.has(user)) return `no such user ('${user}')`;
    const token = this.#tokens.get(tokenId);
    if (token === undefined) return `no such token '${tokenId.split("!")[1] ?? ""}' for user '${user}'`;
    if (token.expireS !== 0 && token.expireS < nowS) return "token expired";
    return token.secret === secret ? token : "invalid token value!";
  }

  /** Privileges on a path with whether each is inherited further down. */
  privileges(token: SimToken, path: string): ReadonlyMap<string, boolean> {
    const key = `${token.tokenId} ${path} ${this.#poolOf.pool(path) ?? ""}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const found = this.#evaluate(token, path);
    // One entry per guest and token; a cluster that churns through vmids must not grow it for ever.
    if (this.#cache.size > 50_000) this.#cache.clear();
    this.#cache.set(key, found);
    return found;
  }

  /** The answer of GET /access/permissions. */
  dump(token: SimToken, onlyPath: string | undefined): Record<string, Record<string, 0 | 1>> {
    const all = [...knownPaths, ...this.#acl.map((entry) => entry.path), ...this.#poolOf.members()];
    const paths = onlyPath !== undefined ? [onlyPath] : [...new Set(all)];
    const result: Record<string, Record<string, 0 | 1>> = {};
    for (const path of paths.sort()) {
      const entries = [...this.privileges(token, path)].sort(([a], [b]) => (a < b ? -1 : 1));
      if (entries.length === 0) continue;
      result[path] = Object.fromEntries(entries.map(([name, inherited]) => [name, inherited ? 1 : 0]));
    }
    return result;
  }

  #evaluate(token: SimToken, path: string): ReadonlyMap<string, boolean> {
    const user = token.tokenId.split("!")[0] ?? "";
    const ofUser = user === "root@pam" ? this.#everything() : this.#ofPrincipal(user, path);
    if (!token.privsep) return ofUser;
    const ofToken = this.#ofPrincipal(token.tokenId, path);
    const both = [...ofToken].filter(([name]) => ofUser.has(name));
    return new Map(both.map(([name, propagates]) => [name, propagates && ofUser.get(name) === true]));
  }

  #everything(): ReadonlyMap<string, boolean> {
    return new Map([...(this.#roles.get("Administrator") ?? [])].map((name) => [name, true]));
  }

  #ofPrincipal(principal: string, path: string): ReadonlyMap<string, boolean> {
    const roles = this.#withPool(this.#rolesOn(principal, path), principal, path);
    if (roles.has("NoAccess")) return new Map();
    const result = new Map<string, boolean>();
    for (const [role, propagates] of roles) {
      for (const name of this.#roles.get(role) ?? []) result.set(name, propagates || result.get(name) === true);
    }
    return result;
  }

  /** The roles of the entries nearest to a path, with whether they go on below it. */
  #rolesOn(principal: string, path: string): ReadonlyMap<string, boolean> {
    let entries: readonly AclEntry[] = [];
    for (const step of ancestors(path)) {
      const here = this.#acl.filter(
        (entry) => entry.principal === principal && entry.path === step && (entry.propagate || step === path),
      );
      if (here.length > 0) entries = here;
    }
    return new Map(entries.map(({ role, propagate }) => [role, propagate]));
  }

  /** A pool's roles come on top and go no further down; NoAccess wins wherever it stands. */
  #withPool(own: ReadonlyMap<string, boolean>, principal: string, path: string): ReadonlyMap<string, boolean> {
    const pool = this.#poolOf.pool(path);
    if (pool === undefined || own.has("NoAccess")) return own;
    const ofPool = this.#rolesOn(principal, `/pool/${pool}`);
    if (ofPool.has("NoAccess")) return new Map([["NoAccess", false]]);
    return new Map([...[...ofPool.keys()].map((role) => [role, false] as const), ...own]);
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** "/", "/vms", "/vms/100" for "/vms/100". */
function ancestors(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}
