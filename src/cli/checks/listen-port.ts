// The address and port can be listened on.
import { createServer } from "node:net";
import { type Check, type Finding, fail, ok } from "../doctor.ts";

export const listenPort: Check = {
  name: "port",
  summary: "The port is free, or ours",
  async run({ serviceStatus, settings: { server } }) {
    const running = await serviceStatus().catch(() => null);
    if (running !== null || server.port === 0) return [];
    return [await tryListening(server.host, server.port)];
  },
};

function tryListening(host: string, port: number): Promise<Finding> {
  const where = `${host}:${port}`;
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(refused(where, error.code ?? error.message)));
    server.listen(port, host, () => server.close(() => resolve(ok(where, "free"))));
  });
}

function refused(where: string, code: string): Finding {
  if (code === "EADDRINUSE")
    return fail(where, "another program listens there", "stop it, or choose another server.port");
  if (code === "EACCES") return fail(where, "this user may not listen there", "choose a server.port above 1023");
  return fail(where, `it cannot be listened on (${code})`, "choose another server.host");
}
