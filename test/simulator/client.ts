// A plain HTTPS client for these tests, and the simulator they talk to: its clock stands still until a test moves it.
import { Agent, type RequestOptions, request } from "node:https";
import { gunzipSync } from "node:zlib";
import { type RunningSimulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";

/** What these tests look at in an answer; which of it is there depends on the call. */
export interface Row {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly node: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly metric: string;
  readonly upid: string;
  readonly t: string;
  readonly exitstatus: string;
  readonly archetype: string;
  readonly filename: string;
  readonly vmid: number;
  readonly uptime: number;
  readonly netin: number;
  readonly mem: number;
  readonly maxmem: number;
  readonly timestamp: number;
  readonly value: number;
  readonly data: readonly Row[];
}

/** A parsed body: PVE's envelope, or what the simulator's own calls answer. */
export interface Body {
  readonly [field: string]: unknown;
  readonly data: unknown;
  readonly errors: unknown;
}

export interface Got {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly wireBytes: number;
  readonly body: Body;
}

export interface Ask {
  readonly method?: string;
  readonly node?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Another token than the simulator's own; "" for none. */
  readonly token?: string;
  readonly raw?: boolean;
}

export interface TestCluster extends RunningSimulator {
  ask(path: string, how?: Ask): Promise<Got>;
  /** The `data` of a call that must succeed: a list, or one object. */
  rows(path: string, how?: Ask): Promise<readonly Row[]>;
  row(path: string, how?: Ask): Promise<Row>;
}

/** A Friday, five seconds after noon UTC. */
export const noon = Date.UTC(2026, 10, 20, 12, 0, 5);

export async function aCluster(options: SimulatorOptions = {}): Promise<TestCluster> {
  const simulator = await startSimulator({
    nodes: 3,
    guests: 24,
    speed: 0,
    startAt: noon,
    unauthorizedDelayMs: 0,
    proxyTimeoutMs: 1,
    fanOutTimeoutMs: 1,
    agentTimeoutMs: 2,
    ...options,
  });
  const agent = new Agent({ keepAlive: true, ca: simulator.caPem });
  const ask = (path: string, how: Ask = {}): Promise<Got> => send(simulator, agent, path, how);
  const data = async (path: string, how?: Ask): Promise<unknown> => {
    const got = await ask(path, how);
    if (got.status !== 200) throw new Error(`${path}: ${got.status} ${got.reason} ${got.text}`);
    return got.body.data;
  };
  return {
    ...simulator,
    ask,
    rows: async (path, how) => (await data(path, how)) as readonly Row[],
    row: async (path, how) => (await data(path, how)) as Row,
    close: async () => {
      agent.destroy();
      await simulator.close();
    },
  };
}

function send(simulator: RunningSimulator, agent: Agent, path: string, how: Ask): Promise<Got> {
  const base = how.node === undefined ? simulator.url : simulator.nodeUrls[how.node];
  const url = `${base}${how.raw === true || path.startsWith("/simulator") ? "" : "/api2/json"}${path}`;
  const token = how.token ?? `${simulator.tokenId}=${simulator.tokenSecret}`;
  const authorization = token === "" ? {} : { authorization: `PVEAPIToken=${token}` };
  const options: RequestOptions = { agent, method: how.method ?? "GET", headers: { ...authorization, ...how.headers } };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const wire = Buffer.concat(chunks);
        const text = (response.headers["content-encoding"] === "gzip" ? gunzipSync(wire) : wire).toString("utf8");
        const reason = response.statusMessage ?? "";
        const { headers } = response;
        resolve({ status: response.statusCode ?? 0, reason, headers, text, wireBytes: wire.length, body: parse(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(how.body);
  });
}

/** A body that is no JSON has no fields. */
function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return { data: undefined, errors: undefined };
  }
}
