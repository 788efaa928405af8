// From the checked file to Settings: camelCase, absolute paths, the CA read. Files it names must be there.
import { X509Certificate } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Secret } from "../lib/secret.ts";
import type { AnalysisChoices } from "../model/analysis-settings.ts";
import type { FactSettings } from "../model/facts-paces.ts";
import { costModelOf } from "./cost-settings.ts";
import type { ConfigPath } from "./json-schema.ts";
import { type ConfigProblem, type Place, problemAt } from "./problem.ts";
import { reasonOf } from "./references.ts";
import type { ConfigFile } from "./schema.ts";
import type {
  AccessSettings,
  ClusterSettings,
  ServerSettings,
  Settings,
  SinkConfig,
  StoreReader,
  StoreSettings,
  TrustSettings,
} from "./settings.ts";

interface Context {
  /** Relative paths are relative to it. */
  readonly directory: string;
  readonly file: string | null;
  placeOf(path: ConfigPath): Place;
}
type Cluster = ConfigFile["clusters"][number];

const secondsPerDay = 86_400;

export function toSettings(
  config: ConfigFile,
  context: Context,
): { readonly settings: Settings; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const settings: Settings = {
    dataDir: resolve(context.directory, config.data_dir ?? defaultDataDir(context.file)),
    clusters: config.clusters.map((cluster, index) => clusterSettings(cluster, index, context, problems)),
    server: serverSettings(config.server, context, problems),
    store: storeSettings(config.store),
    sinks: config.sinks.map((sink, index) => sinkConfig(sink, index, context, problems)),
    facts: factSettings(config.facts),
    analysis: analysisChoices(config.analysis),
    log: { level: config.log.level },
  };
  return { settings, problems };
}

/** A system-wide configuration keeps its data where systems keep data. */
export const defaultDataDir = (file: string | null): string =>
  file?.startsWith("/etc/") === true ? "/var/lib/pilothouse" : "./data";

function clusterSettings(
  cluster: Cluster,
  index: number,
  context: Context,
  problems: ConfigProblem[],
): ClusterSettings {
  return {
    id: cluster.id,
    name: cluster.name ?? cluster.id,
    endpoints: cluster.endpoints,
    access: accessSettings(cluster),
    trust: trustSettings(cluster.trust, index, context, problems),
    pollPeriodS: cluster.poll_period ?? null,
    history: { import: cluster.history.import, requestsPerSecond: cluster.history.requests_per_second },
    limits: {
      requestsPerSecond: cluster.limits.requests_per_second,
      inFlight: cluster.limits.in_flight,
      inFlightPerNode: cluster.limits.in_flight_per_node,
    },
    agent: cluster.agent,
    pushToken: cluster.push?.token ?? null,
    webUrl: cluster.web_url ?? null,
    costModel: cluster.cost_model === undefined ? null : costModelOf(cluster.cost_model),
  };
}

/** A cluster with neither was refused by crossChecks; what stands in its place here is thrown away. */
function accessSettings({ token, login }: Cluster): AccessSettings {
  if (login !== undefined) return { login };
  return { token: token ?? { id: "", secret: new Secret("") } };
}

function trustSettings(
  trust: Cluster["trust"],
  index: number,
  context: Context,
  problems: ConfigProblem[],
): TrustSettings {
  if (trust.fingerprint !== undefined) return { kind: "pin", sha256: trust.fingerprint };
  if (trust.ca_file === undefined) return { kind: "system" };
  return { kind: "ca", pem: caOf(trust.ca_file, ["clusters", index, "trust", "ca_file"], context, problems) };
}

function caOf(file: string, path: ConfigPath, context: Context, problems: ConfigProblem[]): string {
  const pem = readPem(resolve(context.directory, file));
  const expected = "expected a PEM file with a CA";
  if ("problem" in pem) problems.push(problemAt(context.placeOf(path), pem.problem, { expected }));
  return "pem" in pem ? pem.pem : "";
}

function sinkConfig(
  sink: ConfigFile["sinks"][number],
  index: number,
  context: Context,
  problems: ConfigProblem[],
): SinkConfig {
  const { id, kind, url, edition, bucket, org, create, shape, gzip, ca_file: ca } = sink;
  return {
    ...{ id, kind, url, edition, bucket, org, create, shape, gzip },
    readUrl: sink.read_url ?? null,
    token: sink.token ?? null,
    login: sink.login ?? null,
    ca: ca === undefined ? null : caOf(ca, ["sinks", index, "ca_file"], context, problems),
    retentionS: sink.retention ?? null,
  };
}

function readPem(file: string): { readonly pem: string } | { readonly problem: string } {
  try {
    const pem = readFileSync(file, "utf8");
    new X509Certificate(pem);
    return { pem };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const missing = /^E[A-Z]+$/.test(code);
    return { problem: missing ? `${file} cannot be read (${reasonOf(error)})` : `${file} holds no certificate` };
  }
}

function serverSettings(server: ConfigFile["server"], context: Context, problems: ConfigProblem[]): ServerSettings {
  const { tls } = server;
  const file = (key: "cert_file" | "key_file"): string => {
    const path = resolve(context.directory, tls?.[key] ?? "");
    const unreadable = whyUnreadable(path);
    if (unreadable !== undefined) problems.push(problemAt(context.placeOf(["server", "tls", key]), unreadable));
    return path;
  };
  return {
    host: server.host,
    port: server.port,
    publicUrl: server.public_url ?? null,
    basePath: server.base_path,
    tls: tls === undefined ? null : { certFile: file("cert_file"), keyFile: file("key_file") },
    trustedProxies: server.trusted_proxies,
    allowedHosts: server.allowed_hosts,
  };
}

function whyUnreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return `${file} cannot be read (${reasonOf(error)})`;
  }
}

function factSettings({ requests_per_second: requestsPerSecond, ...everyS }: ConfigFile["facts"]): FactSettings {
  return { requestsPerSecond, everyS };
}

function analysisChoices(analysis: ConfigFile["analysis"]): AnalysisChoices {
  const { days, from, to } = analysis.business_hours;
  return {
    timeZone: analysis.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    businessHours: { days, fromMinute: from, toMinute: to },
    maintenance: analysis.maintenance.map((window) => ({
      days: window.days,
      fromMinute: window.from,
      toMinute: window.to,
    })),
    reserveNodes: analysis.reserve_nodes,
    availabilityTarget: analysis.availability_target,
    backupMaxAgeMs: analysis.backup_max_age * 1000,
  };
}

/** What InfluxDB is asked for need not lie here for long. */
const usualDays: Readonly<Record<StoreReader, { readonly rawDays: number; readonly fiveMinuteDays: number }>> = {
  duckdb: { rawDays: 14, fiveMinuteDays: 90 },
  influx: { rawDays: 2, fiveMinuteDays: 7 },
};

function storeSettings(store: ConfigFile["store"]): StoreSettings {
  const defaults = usualDays[store.reader];
  return {
    reader: store.reader,
    rawDays: store.raw_retention === undefined ? defaults.rawDays : store.raw_retention / secondsPerDay,
    fiveMinuteDays:
      store.five_minute_retention === undefined ? defaults.fiveMinuteDays : store.five_minute_retention / secondsPerDay,
    hourlyDays: store.hourly_retention / secondsPerDay,
    journalMaxBytes: store.journal_max_size,
    memoryLimitMb: Math.floor(store.memory_limit / 2 ** 20),
  };
}
