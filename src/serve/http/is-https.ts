// Whether people reach the service by TLS: its own, or that of a proxy in front whose address is configured.
import type { ServeSettings } from "../settings.ts";

export const isHttps = (settings: Pick<ServeSettings, "tls" | "publicUrl">): boolean =>
  settings.publicUrl === null ? settings.tls !== null : settings.publicUrl.startsWith("https:");
