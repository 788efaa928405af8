// Addresses of Proxmox VE as people write them, brought to one spelling: https://host:port.

const defaultPort = "8006";

/** The canonical address, or what is wrong with the text (and the address that was probably meant). */
export type EndpointResult =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly problem: string; readonly meant?: string };

/**
 * Reads an endpoint. Without a port it gets PVE's 8006; `/api2/json` at its end is dropped. Only https is accepted:
 * the token travels in a header.
 */
export function parseEndpoint(text: string): EndpointResult {
  const [, scheme = "", authority = "", path = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(text) ?? [];
  if (scheme === "") return notAnAddress(text);
  if (scheme.toLowerCase() !== "https") {
    return { ok: false, problem: `${scheme} is not encrypted or no address of Proxmox VE`, ...meant(authority) };
  }
  if (authority.includes("@")) return { ok: false, problem: "an address holds no user or password; use token" };
  if (!/^\/?(api2(\/json)?\/?)?$/.test(path)) {
    return { ok: false, problem: `"${path}" does not belong to the address`, ...meant(authority) };
  }
  const url = canonical(authority);
  return url === undefined ? { ok: false, problem: "not a host name or address" } : { ok: true, url };
}

/** Like parseEndpoint, but reads a bare `host`, `host:port` or IPv6 address as https, as a person types it. */
export function completeEndpoint(text: string): EndpointResult {
  const trimmed = text.trim();
  if (trimmed.includes("://")) return parseEndpoint(trimmed);
  const bareIpv6 = /^[0-9a-f:]+:[0-9a-f:]*$/i.test(trimmed) && trimmed.split(":").length > 2;
  return parseEndpoint(`https://${bareIpv6 ? `[${trimmed}]` : trimmed}`);
}

function notAnAddress(text: string): EndpointResult {
  const completed = /^[\w.:[\]-]+$/.test(text) ? completeEndpoint(text) : undefined;
  return {
    ok: false,
    problem: "not an https address",
    ...(completed?.ok === true ? { meant: completed.url } : {}),
  };
}

function meant(authority: string): { meant?: string } {
  const url = authority.includes("@") ? undefined : canonical(authority);
  return url === undefined ? {} : { meant: url };
}

function canonical(authority: string): string | undefined {
  if (!URL.canParse(`https://${authority}`)) return undefined;
  const { hostname } = new URL(`https://${authority}`);
  const port = /:(\d{1,5})$/.exec(authority)?.[1] ?? defaultPort;
  return hostname === "" ? undefined : `https://${hostname}:${Number(port)}`;
}
