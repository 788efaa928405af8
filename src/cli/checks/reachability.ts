// Every endpoint has an address and takes connections.
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { type Check, type Finding, fail, ok, warn } from "../doctor.ts";

const timeoutMs = 5_000;

export const reachability: Check = {
  name: "reachability",
  summary: "Every endpoint has an address and takes connections",
  async run({ clusters }) {
    const found = await Promise.all(
      clusters.map(async (probe) => {
        const { id, endpoints } = probe.settings;
        const problems = await Promise.all(endpoints.map(problemOf));
        probe.gaveUp = !problems.includes(null);
        return problems.map((problem, index) => finding(`${id} ${endpoints[index] ?? ""}`, problem, probe.gaveUp));
      }),
    );
    return found.flat();
  },
};

interface Trouble {
  readonly message: string;
  readonly fix: string;
}

function finding(subject: string, trouble: Trouble | null, allFailed: boolean): Finding {
  if (trouble === null) return ok(subject, "takes connections");
  // With another endpoint that answers the cluster is still watched.
  return (allFailed ? fail : warn)(subject, trouble.message, trouble.fix);
}

async function problemOf(endpoint: string): Promise<Trouble | null> {
  const url = new URL(endpoint);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  try {
    await lookup(host);
  } catch {
    return { message: `the name ${host} has no address`, fix: `check the spelling and the DNS: getent hosts ${host}` };
  }
  return tryConnecting(host, url.port === "" ? 443 : Number(url.port));
}

function tryConnecting(host: string, port: number): Promise<Trouble | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (trouble: Trouble | null): void => {
      socket.destroy();
      resolve(trouble);
    };
    socket.once("connect", () => end(null));
    socket.once("timeout", () =>
      end({ message: `no answer within ${timeoutMs / 1000} s`, fix: "check the firewall and the route" }),
    );
    socket.once("error", (error: NodeJS.ErrnoException) => end(troubleOf(error.code ?? error.message, port)));
  });
}

function troubleOf(code: string, port: number): Trouble {
  if (code === "ECONNREFUSED") {
    return {
      message: `nothing listens on port ${port}`,
      fix: "check the port; on the node: systemctl status pveproxy",
    };
  }
  return { message: `it cannot be connected to (${code})`, fix: "check the network between this machine and the node" };
}
