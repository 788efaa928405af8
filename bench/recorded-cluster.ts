// Answers of a simulated cluster, taken once over real HTTPS and kept as the bytes that were on the wire, so that what a
// poll costs can be measured again and again without the network and without the simulator.
import { request as httpsRequest } from "node:https";
import { startSimulator } from "../src/simulator/index.ts";

/** Path with query → the body as it was received, gzip where PVE would. */
export type RecordedPoll = ReadonlyMap<string, Buffer>;

export interface Recording {
  readonly nodes: readonly string[];
  /** Per poll what the cluster answered, and the time. */
  readonly polls: readonly { readonly at: number; readonly answers: RecordedPoll }[];
}

const fixed = ["/version", "/nodes", "/access/permissions", "/cluster/status", "/cluster/resources", "/cluster/tasks"];
const periodMs = 10_000;

export const exportKey = (node: string): string => `export ${node}`;

export async function record(nodes: number, guests: number, count: number): Promise<Recording> {
  const simulator = await startSimulator({ nodes, guests, speed: 0, unauthorizedDelayMs: 0 });
  const get = (url: string, path: string): Promise<Buffer> => fetchBody(`${url}/api2/json${path}`, simulator);
  const names = Object.keys(simulator.nodeUrls);
  const polls: { at: number; answers: Map<string, Buffer> }[] = [];
  for (let poll = 0; poll < count; poll++) {
    simulator.advance(periodMs);
    const answers = new Map<string, Buffer>();
    for (const path of fixed) answers.set(path, await get(simulator.url, path));
    for (const node of names) {
      // What the poller asks: everything newer than ten seconds before the newest sample that it holds.
      const since = Math.floor(simulator.now() / 1000) - 20;
      answers.set(`/nodes/${node}/version`, await get(simulator.url, `/nodes/${node}/version`));
      answers.set(
        exportKey(node),
        await get(simulator.nodeUrls[node] ?? "", `/cluster/metrics/export?history=1&local-only=1&start-time=${since}`),
      );
    }
    polls.push({ at: simulator.now(), answers });
  }
  await simulator.close();
  return { nodes: names, polls };
}

function fetchBody(
  url: string,
  { tokenId, tokenSecret, caPem }: { tokenId: string; tokenSecret: string; caPem: string },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `PVEAPIToken=${tokenId}=${tokenSecret}`, "accept-encoding": "gzip" };
    const sent = httpsRequest(url, { ca: caPem, headers, checkServerIdentity: () => undefined }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`${url} answered ${answer.statusCode}`));
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
