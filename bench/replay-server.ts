// A process of its own that is a cluster: it records a simulated one, then serves the recorded bytes over HTTPS at the
// nodes' own addresses, so that nothing of the cluster's work is in the process that is measured.
// Its one message says where it is. Every question has a place of its own in the recording, so that one that comes late is
// answered with what it would have got.
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { makeCertificate } from "../src/simulator/certificate.ts";
import { exportKey, inflate, type RecordedPoll, type Recording, record, writeRecording } from "./recorded-cluster.ts";

export interface ReplayOptions {
  readonly nodes: number;
  readonly guests: number;
  readonly polls: number;
  readonly periodMs: number;
  /** Where the bodies are written too, for the floor. */
  readonly directory: string;
}

export interface ReplayReady {
  readonly url: string;
  readonly caPem: string;
  readonly nodes: readonly string[];
}

const options = JSON.parse(process.argv[2] ?? "{}") as ReplayOptions;
const recording = await record(options.nodes, options.guests, options.polls, options.periodMs);
writeRecording(recording, options.directory);
const asked = new Map<string, number>();
process.on("disconnect", () => process.exit(0));
process.send?.(await serve(recording));

async function serve({ nodes, addresses }: Recording): Promise<ReplayReady> {
  const ips = [...addresses.values()];
  const certificate = await makeCertificate(["127.0.0.1", ...ips]);
  const nodeAt = new Map([...addresses].map(([node, ip]) => [ip, node]));
  const open = (host: string, port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer({ key: certificate.keyPem, cert: certificate.pem }, (request, response) => {
        const path = (request.url ?? "").replace("/api2/json", "").split("?")[0] ?? "";
        const node = nodeAt.get(request.socket.localAddress ?? "") ?? nodes[0] ?? "";
        const recorded = bodyOf(next(path, node), path, node);
        const body = path === "/nodes" ? withFingerprint(recorded, certificate.fingerprint) : recorded;
        const zipped = body?.[0] === 0x1f ? { "content-encoding": "gzip" } : {};
        response.writeHead(body === undefined ? 501 : 200, { "content-type": "application/json", ...zipped });
        response.end(body ?? '{"data":null}');
      });
      server.once("error", reject);
      server.listen(port, host, () => resolve(server));
    });
  const first = await open(ips[0] ?? "127.0.0.1", 0);
  const { port } = first.address() as AddressInfo;
  for (const ip of ips.slice(1)) await open(ip, port);
  return { url: `https://${ips[0] ?? "127.0.0.1"}:${port}`, caPem: certificate.pem, nodes };
}

/** The poll whose turn it is for this question. */
function next(path: string, node: string): RecordedPoll | undefined {
  const question = `${node} ${path}`;
  const poll = asked.get(question) ?? 0;
  asked.set(question, poll + 1);
  return recording.polls[Math.min(poll, recording.polls.length - 1)]?.answers;
}

/** The recorded nodes had another certificate than this server. */
const withFingerprint = (body: Buffer | undefined, fingerprint: string): Buffer =>
  Buffer.from(
    inflate(body ?? Buffer.from("{}"))
      .toString("utf8")
      .replace(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/g, fingerprint),
  );

const bodyOf = (answers: RecordedPoll | undefined, path: string, node: string): Buffer | undefined =>
  answers?.get(path === "/cluster/metrics/export" ? exportKey(node) : path);
