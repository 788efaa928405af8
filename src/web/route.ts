// Which page an address means, and the address of each page. An entity id `<cluster>/<kind>/<key>` is the path
// `/<kind>/<cluster>/<key>`, so that links can be read.

import { isListedPage, type ListedPage } from "../model/page-names.ts";

export type EntityPageKind = "cluster" | "node" | "guest" | "storage";

export type Route =
  | { readonly page: "home" | "login" | "setup" | "unknown" | ListedPage }
  | { readonly page: "entity"; readonly kind: EntityPageKind; readonly id: string };

/** The route of a path below the base path. */
export function parseRoute(path: string): Route {
  const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
  if (first === "") return { page: "home" };
  if (first === "login" || first === "setup" || isListedPage(first))
    return rest.length === 0 ? { page: first } : { page: "unknown" };
  return entityRoute(first, rest.map(decode));
}

function entityRoute(kind: string, [cluster, ...keyParts]: readonly string[]): Route {
  const key = keyParts.join("/");
  if (cluster === undefined) return { page: "unknown" };
  if (kind === "cluster") return key === "" ? { page: "entity", kind, id: `${cluster}/cluster` } : { page: "unknown" };
  if ((kind !== "node" && kind !== "guest" && kind !== "storage") || key === "") return { page: "unknown" };
  return {
    page: "entity",
    kind,
    id: `${cluster}/${kind}/${kind === "guest" && !key.includes("~") ? `${key}~1` : key}`,
  };
}

/** The path of an entity's page. */
export function entityPath(id: string): string {
  const [cluster = "", kind = "", ...key] = id.split("/");
  return `/${[kind, cluster, ...key].map(encode).join("/")}`;
}

// `@`, `:` and `~` are allowed in a path and keep it readable.
const encode = (part: string): string => encodeURIComponent(part).replace(/%40/g, "@").replace(/%3A/g, ":");

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
