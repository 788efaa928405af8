// Users, API tokens and access control entries, evaluated as PVE does: the entry nearest to a path counts, a token
// with privilege separation has what both it and its user have.
import type { Release } from "./entities.ts";
import { builtInRoles } from "./privileges.ts";

export interface AclEntry {
  readonly path: string;
  /** `user@realm` or `user@realm!token`. */
  readonly principal: string;
  readonly role: string;
  readonly propagate: boolean;
}

export interface SimToken {
  /** `user@realm!token`. */
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

/** Paths that /access/permissions always shows when there are rights on them. */
const knownPaths = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

export class AccessList {
  readonly #roles: Map<string, ReadonlySet<string>>;
  readonly #users = new Set<string>(["root@pam"]);
  readonly #tokens = new Map<string, SimToken>();
  #acl: AclEntry[] = [];
  readonly #cache = new Map<string, ReadonlyMap<string, boolean>>();

  constructor(release: Release) {
    this.#roles = builtInRoles(release);
  }

  defineRole(name: string, privileges: readonly string[]): void {
    this.#roles.set(name, new Set(privileges));
    this.#cache.clear();
  }

  /** Makes a token and gives its roles (by default none) to it and to its user. */
  createToken(wish: NewToken): { tokenId: string; tokenSecret: string } {
    const user = wish.user ?? "pilothouse@pve";
    const tokenId = `${user}!${wish.token}`;
    const secret = wish.secret ?? crypto.randomUUID();
    const privsep = wish.privsep ?? true;
    this.#users.add(user);
    this.#tokens.set(tokenId, { tokenId, secret, privsep, expireS: wish.expireS ?? 0 });
    for (const { role, path = "/", propagate = true } of wish.roles ?? []) {
      this.grant({ path, principal: user, role, propagate });
      if (privsep) this.grant({ path, principal: tokenId, role, propagate });
    }
    return { tokenId, tokenSecret: secret };
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

  /** The token of an Authorization header, or the sentence with which PVE refuses it. */
  authenticate(header: string | undefined, nowS: number): SimToken | string {
    const match = /^PVEAPIToken[= ]([^=\s]+)=(\S+)$/.exec(header ?? "");
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
    const key = `${token.tokenId} ${path}`;
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
    const paths = onlyPath !== undefined ? [onlyPath] : [...new Set([...knownPaths, ...this.#acl.map((e) => e.path)])];
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
    return new Map([...ofToken].filter(([name]) => ofUser.has(name)));
  }

  #everything(): ReadonlyMap<string, boolean> {
    return new Map([...(this.#roles.get("Administrator") ?? [])].map((name) => [name, true]));
  }

  #ofPrincipal(principal: string, path: string): ReadonlyMap<string, boolean> {
    let entries: readonly AclEntry[] = [];
    for (const step of ancestors(path)) {
      const here = this.#acl.filter(
        (entry) => entry.principal === principal && entry.path === step && (entry.propagate || step === path),
      );
      if (here.length > 0) entries = here;
    }
    if (entries.some((entry) => entry.role === "NoAccess")) return new Map();
    const result = new Map<string, boolean>();
    for (const entry of entries) {
      for (const name of this.#roles.get(entry.role) ?? [])
        result.set(name, entry.propagate || result.get(name) === true);
    }
    return result;
  }
}

/** "/", "/vms", "/vms/100" for "/vms/100". */
function ancestors(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}
