// Addresses of endpoints: as people write them, and as a cluster tells them.
import { ConfigError } from "../lib/errors.ts";

/** https://host:port of what somebody wrote, also with a path behind it, as copied from a browser. Throws a ConfigError. */
export function endpointUrl(written: string): string {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url?.protocol === "https:" && url.username === "" && url.password === "") return url.origin;
  throw new ConfigError(`"${written}" is no endpoint: write https://<node>:8006.`);
}

/** A member's address with the port of a configured endpoint; undefined for what is no address. */
export function memberUrl(address: string, configuredUrl: string): string | undefined {
  if (!/^[\w.:-]+$/.test(address)) return undefined;
  const host = address.includes(":") ? `[${address}]` : address;
  const { port } = new URL(configuredUrl);
  const url = `https://${host}${port === "" ? "" : `:${port}`}`;
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
