// Answers of a simulated cluster, taken once over real HTTPS and kept as the bytes that were on the wire, so that what a
// poll costs can be measured again and again without the network and without the simulator.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { startSimulator } from "../src/simulator/index.ts";

/** Path with query → the body as it was received, gzip where PVE would. */
export type RecordedPoll = ReadonlyMap<string, Buffer>;

export interface Recording {
  readonly nodes: readonly string[];
  /** By node. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Per poll what the cluster answered, and the time. */
  readonly polls: readonly { readonly at: number; readonly answers: RecordedPoll }[];
}

const fixed = ["/version", "/nodes", "/access/permissions", "/cluster/status", "/cluster/resources", "/cluster/tasks"];

export const exportKey = (node: string): string => `export ${node}`;

export async function record(nodes: number, guests: number, count: number, periodMs = 10_000): Promise<Recording> {
  const simulator = await startSimulator({ nodes, guests, speed: 0, unauthorizedDelayMs: 0 });
  const get = (url: string, path: string): Promise<Buffer> => fetchBody(`${url}/api2/json${path}`, simulator);
  const names = Object.keys(simulator.nodeUrls);
  // What the poller asks: everything newer than the newest sample that it holds, with a second to spare.
  const first = Math.floor(simulator.now() / 1000) - 10;
  const newest = new Map<string, number>();
  const polls: { at: number; answers: Map<string, Buffer> }[] = [];
  for (let poll = 0; poll < count; poll++) {
    simulator.advance(periodMs);
    const answers = new Map<string, Buffer>();
    for (const path of fixed) answers.set(path, await get(simulator.url, path));
    for (const node of names) {
      answers.set(`/nodes/${node}/version`, await get(simulator.url, `/nodes/${node}/version`));
      const since = newest.get(node) ?? first;
      const path = `/cluster/metrics/export?history=1&local-only=1&start-time=${since}`;
      const body = await get(simulator.nodeUrls[node] ?? "", path);
      newest.set(node, newestIn(body) - 1);
      answers.set(exportKey(node), body);
    }
    polls.push({ at: simulator.now(), answers });
  }
  await simulator.close();
  const addresses = new Map(names.map((node) => [node, new URL(simulator.nodeUrls[node] ?? "").hostname]));
  return { nodes: names, addresses, polls };
}

/** Asked once at first contact, not with every poll. */
export const isPolled = (path: string): boolean =>
  !path.endsWith("/version") && path !== "/nodes" && path !== "/access/permissions";

/** The bodies that every poll asks, one file each, for a process that only reads them. */
export function writeRecording({ polls }: Recording, directory: string): void {
  for (const [number, { answers }] of polls.entries()) {
    const folder = join(directory, `poll-${number}`);
    mkdirSync(folder);
    const bodies = [...answers].filter(([path]) => isPolled(path)).map(([, body]) => body);
    for (const [index, body] of bodies.entries()) writeFileSync(join(folder, String(index)), body);
  }
}

export function readRecordedPoll(directory: string, number: number): Buffer[] {
  const folder = join(directory, `poll-${number}`);
  return readdirSync(folder).map((file) => readFileSync(join(folder, file)));
}

function newestIn(body: Buffer): number {
  const answer = JSON.parse(inflate(body).toString("utf8")) as { data: { data: { timestamp: number }[] } };
  return answer.data.data.at(-1)?.timestamp ?? 0;
}

export const inflate = (body: Buffer): Buffer => (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body);

export function fetchBody(
  url: string,
  { tokenId, tokenSecret, caPem }: { tokenId: string; tokenSecret: string; caPem: string },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `PVEAPIToken=${tokenId}=${tokenSecret}`, "accept-encoding": "gzip" };
    // A connection each: the simulator may close an idle one while it computes the next answer.
    const options = { ca: caPem, headers, agent: false, checkServerIdentity: () => undefined };
    const sent = httpsRequest(url, options, (answer) => {
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
