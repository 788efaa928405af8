// Passwords and tokens do not cross the network in the clear.
import { type Check, ok, warn } from "../doctor.ts";

export const exposure: Check = {
  name: "exposure",
  summary: "Nothing secret crosses the network in the clear",
  run({ settings: { server } }) {
    const local = server.host === "localhost" || server.host === "::1" || server.host.startsWith("127.");
    if (local) return [ok(server.host, "reached from this machine only")];
    if (server.tls !== null) return [ok(server.host, "served by HTTPS")];
    if (server.trustedProxies.length > 0 && server.publicUrl?.startsWith("https:") === true) {
      return [ok(server.host, "behind a proxy that serves HTTPS")];
    }
    return [
      warn(server.host, "passwords cross the network in the clear", "set server.tls, or stand behind an HTTPS proxy"),
    ];
  },
};
