// One server that speaks InfluxDB's HTTP: which edition it is, how we sign in, and questions to it. What it refuses is
// thrown as a SinkError. Redirects are not followed: a token goes to the configured address only.
import { Agent, type Dispatcher, request } from "undici";
import { SinkError } from "../../../lib/errors.ts";
import { errorOfAnswer, errorOfTransport } from "./answer-error.ts";
import type { InfluxEdition, InfluxOptions } from "./influx-options.ts";

/** A result of several hundred megabytes is a question that should not have been asked. */
const maxAnswerBytes = 256 * 2 ** 20;

export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

export interface InfluxAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface InfluxIdentity {
  readonly edition: InfluxEdition;
  /** As the server says it, for instance "1.6.7"; empty when it does not. */
  readonly version: string;
  /** OSS, ENT, Core, Cloud …; empty when it does not say. */
  readonly build: string;
}

export class InfluxServer {
  readonly options: InfluxOptions;
  readonly #agent: Agent;
  #identity: InfluxIdentity | undefined;

  constructor(options: InfluxOptions) {
    this.options = options;
    this.#agent = new Agent({
      connect: options.ca === null ? {} : { ca: options.ca },
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
    });
  }

  /** Asked once; as configured where that is said. Throws a SinkError when the server does not answer. */
  async identity(signal?: AbortSignal): Promise<InfluxIdentity> {
    this.#identity ??= await this.#identify(signal);
    return this.#identity;
  }

  /** The header that signs us in; none without an account. */
  authorization(edition: InfluxEdition): Readonly<Record<string, string>> {
    const { token, user, password } = this.options;
    if (token !== null) return { authorization: `${edition === "victoria-metrics" ? "Bearer" : "Token"} ${token}` };
    if (user === null) return {};
    return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` };
  }

  /** Any answer, whatever its status. Throws a SinkError when there is none. */
  async ask(
    method: "GET" | "POST",
    path: string,
    {
      body,
      type,
      signal,
      reads = false,
    }: { body?: string; type?: string; signal?: AbortSignal | undefined; reads?: boolean } = {},
  ): Promise<InfluxAnswer> {
    const edition = this.#identity?.edition ?? (this.options.edition === "auto" ? "1" : this.options.edition);
    const base = reads ? (this.options.readUrl ?? this.options.url) : this.options.url;
    try {
      const answer = await request(`${base}${path}`, {
        method,
        dispatcher: this.#agent,
        headers: { ...this.authorization(edition), ...(type === undefined ? {} : { "content-type": type }) },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
      return { status: answer.statusCode, headers: answer.headers, text: await boundedText(answer) };
    } catch (error) {
      throw errorOfTransport(error);
    }
  }

  /** As `ask`; throws a SinkError for a status that is not 2xx. */
  async mustAsk(...parameters: Parameters<InfluxServer["ask"]>): Promise<InfluxAnswer> {
    const answer = await this.ask(...parameters);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw errorOfAnswer(answer.status, answer.text, answer.headers["retry-after"]);
  }

  /** InfluxQL over /query. Times come as RFC 3339 with nanoseconds, or in milliseconds with `epoch`. */
  async query(
    statement: string,
    { epoch, signal }: { epoch?: "ms"; signal?: AbortSignal | undefined } = {},
  ): Promise<readonly InfluxSeries[]> {
    await this.identity(signal);
    const [database = "", policy] = this.options.bucket.split("/");
    const parameters = new URLSearchParams({ db: database, q: statement });
    if (policy !== undefined) parameters.set("rp", policy);
    if (epoch !== undefined) parameters.set("epoch", epoch);
    const { text } = await this.mustAsk("POST", "/query", {
      body: parameters.toString(),
      type: "application/x-www-form-urlencoded",
      signal,
      reads: true,
    });
    return seriesOf(text);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #identify(signal: AbortSignal | undefined): Promise<InfluxIdentity> {
    const { edition } = this.options;
    if (edition === "victoria-metrics") return { edition, version: "", build: "" };
    const ping = await this.ask("GET", "/ping", { signal });
    const build = String(ping.headers["x-influxdb-build"] ?? "");
    if (edition !== "auto") return { edition, version: versionOf(ping), build };
    if (ping.status === 401 || ping.status === 403) throw errorOfAnswer(ping.status, ping.text);
    const said = versionOf(ping);
    const known = editionOf(said, build);
    if (known !== undefined) return { edition: known, version: said, build };
    const health = await this.ask("GET", "/health", { signal });
    if (ping.headers["x-server-hostname"] !== undefined || (health.status === 200 && health.text.trim() === "OK"))
      return { edition: "victoria-metrics", version: "", build };
    const told = editionOf(healthVersion(health.text), "");
    if (told !== undefined) return { edition: told, version: healthVersion(health.text), build };
    const answers = `/ping ${ping.status}, /health ${health.status}`;
    throw new SinkError(
      `${this.options.url} does not say what it is (${answers}): set edition to 1, 2, 3 or victoria-metrics.`,
      ping.status >= 500 || health.status >= 500 ? "passing" : "person",
    );
  }
}

const versionOf = ({ headers, text }: InfluxAnswer): string =>
  String(headers["x-influxdb-version"] ?? "").replace(/^v/, "") || healthVersion(text);

/** `{"version": "v2.7.1"}`, as 2 gives it under /health and 3 under /ping. */
function healthVersion(text: string): string {
  try {
    const { version } = JSON.parse(text) as { readonly version?: unknown };
    return typeof version === "string" ? version.replace(/^v/, "") : "";
  } catch {
    return "";
  }
}

function editionOf(version: string, build: string): InfluxEdition | undefined {
  if (/^[123]\./.test(version)) return version[0] as InfluxEdition;
  if (/^(core|enterprise)$/i.test(build)) return "3";
  return /cloud/i.test(build) ? "2" : undefined;
}

async function boundedText({ body }: Dispatcher.ResponseData): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw new SinkError("Its answer is larger than 256 MiB; ask for less.", "passing");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

interface QueryAnswer {
  readonly results?: readonly { readonly series?: readonly InfluxSeries[]; readonly error?: string }[];
  readonly error?: string;
}

function seriesOf(text: string): readonly InfluxSeries[] {
  const { results = [], error } = JSON.parse(text) as QueryAnswer;
  const wrong = error ?? results.find((result) => result.error !== undefined)?.error;
  // "database not found" comes with status 200 in 1.x.
  if (wrong !== undefined) throw new SinkError(wrong, /not found|authori/.test(wrong) ? "person" : "passing");
  return results.flatMap(({ series }) => series ?? []);
}
