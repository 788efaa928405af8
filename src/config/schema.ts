// The one schema of the configuration file. Each field says what it expects; checks, defaults, the JSON Schema for
// editors and the reference page are all made from it.
import { isIP } from "node:net";
import { z } from "zod";
import { Secret } from "../lib/secret.ts";
import { weekdays } from "../model/analysis-settings.ts";
import { type FactReaderName, factPaces, factReaderNames } from "../model/facts-paces.ts";
import { ClusterId } from "../model/ids.ts";
import { CostModelConfig } from "./cost-schema.ts";
import { parseEndpoint } from "./endpoint.ts";
import { flag, group, list, number, text, whole } from "./fields.ts";
import { parseFingerprint } from "./fingerprint.ts";
import { durationPattern, parseDuration, parseSize, printDuration, sizePattern } from "./quantity.ts";
import { influxEditions, influxShapes, logLevels, storeReaders } from "./settings.ts";

/** Seconds, written with a unit. */
function duration(min: string, max: string) {
  const expected = `expected a duration from ${min} to ${max}, such as "30s", "10m" or "14d"`;
  const [least = 0, most = 0] = [parseDuration(min), parseDuration(max)];
  return z
    .string({ error: expected })
    .regex(durationPattern, { error: expected })
    .transform((value) => parseDuration(value) ?? 0)
    .refine((seconds) => seconds >= least && seconds <= most, { error: expected });
}

/** Bytes, written with a unit. */
function size(min: string, max: string) {
  const expected = `expected a size from ${min} to ${max}, such as "512MiB" or "1GiB"`;
  const [least = 0, most = 0] = [parseSize(min), parseSize(max)];
  return z
    .string({ error: expected })
    .regex(sizePattern, { error: expected })
    .transform((value) => parseSize(value) ?? 0)
    .refine((bytes) => bytes >= least && bytes <= most, { error: expected });
}

const endpointExpected = 'expected an https address such as "https://pve1.example.com:8006"';
const Endpoint = text(endpointExpected).transform((value, context) => {
  const result = parseEndpoint(value);
  if (result.ok) return result.url;
  const params = { what: result.problem, ...(result.meant === undefined ? {} : { meant: result.meant }) };
  context.addIssue({ code: "custom", message: endpointExpected, params });
  return z.NEVER;
});

const fingerprintExpected = "expected a SHA-256 fingerprint: 32 pairs of hexadecimal digits, AA:BB:…";
const Fingerprint = text(fingerprintExpected).transform((value, context) => {
  const sha256 = parseFingerprint(value);
  if (sha256 !== undefined) return sha256;
  const sha1 = /^[0-9a-f]{40}$/i.test(value.replaceAll(":", ""));
  const params = { what: sha1 ? "a SHA-1 fingerprint is not safe" : "not a SHA-256 fingerprint" };
  context.addIssue({ code: "custom", message: fingerprintExpected, params });
  return z.NEVER;
});

const webAddress = () => {
  const expected = 'expected an address such as "https://pilothouse.example.com"';
  return text(expected)
    .refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value), { error: expected })
    .transform((value) => value.replace(/\/+$/, ""));
};

const pushTokenExpected = `expected a token of at least 20 letters, digits, "-", "_" or ".", or \${file:/path/to/token}`;

const Push = group({
  token: text(pushTokenExpected)
    .regex(/^[\w.-]{20,200}$/, { error: pushTokenExpected })
    .transform((value) => new Secret(value))
    .describe("What the cluster's metric server shows; make one with `openssl rand -hex 24`. It may do nothing else."),
});

const clusterIdExpected = 'expected 1–31 of a-z, 0-9 and "-", beginning with a letter';
const tokenIdExpected = "expected USER@REALM!TOKEN, such as pilothouse@pve!pilothouse";

const Token = group({
  id: text(tokenIdExpected)
    .regex(/^[^\s:/!=]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*$/, { error: tokenIdExpected })
    .describe("The API token's full name, USER@REALM!TOKEN."),
  secret: text(`expected the token's secret, or \${file:/path/to/secret}`)
    .regex(/^[\x21-\x7e]+$/, { error: "expected the token's secret, one word without spaces" })
    .transform((value) => new Secret(value))
    .describe("The token's secret, or a reference to a file that only its owner may read (see above)."),
});

const userExpected = "expected USER@REALM, such as pilothouse@pve";

const Login = group({
  user: text(userExpected)
    .regex(/^[^\s:/!]+@[A-Za-z][\w.-]*$/, { error: userExpected })
    .describe("The user's full name, USER@REALM."),
  password: text(`expected the password, or \${file:/path/to/password}`)
    .transform((value) => new Secret(value))
    .describe("The password, or a reference to a file that only its owner may read (see above)."),
});

const Trust = group({
  fingerprint: Fingerprint.optional().describe("SHA-256 fingerprint of the certificate, as PVE's page shows it."),
  ca_file: text("expected the path of a PEM file")
    .optional()
    .describe("File with the CA's certificate (PVE's own is /etc/pve/pve-root-ca.pem)."),
  system: z.literal(true, { error: "expected true" }).optional().describe("Believe the system's CAs."),
}).describe("How the cluster's certificate is believed: one of the three keys. Without it: the system's CAs.");

const History = group({
  import: flag().default(true).describe("Import PVE's own history (RRD) at first contact."),
  requests_per_second: number(0.1, 50).default(2).describe("How fast history is imported."),
});

const Limits = group({
  requests_per_second: number(0.5, 200).default(5).describe("Most requests per second to the whole cluster."),
  in_flight: whole(1, 64).default(8).describe("Most requests under way to the whole cluster."),
  in_flight_per_node: whole(1, 16).default(2).describe("Most requests under way to one node."),
});

const Cluster = group({
  id: text(clusterIdExpected)
    .refine((value) => ClusterId.safeParse(value).success, { error: clusterIdExpected })
    .describe("Short name of ours that never changes; it is part of every address and id."),
  name: text().optional().describe("What people call the cluster; the id when left out."),
  endpoints: list(Endpoint, "expected a list of https addresses")
    .min(1, { error: "expected at least one https address" })
    .describe("Addresses of some nodes, tried in order; the other members are learned from them."),
  token: Token.optional().describe("The read-only API token; `pilothouse init` shows how to make it."),
  login: Login.optional().describe(
    "A user and password, where an API token cannot be had. A token is better: it has only the rights it needs, can be taken away without touching a user, needs no second factor, and its secret cannot sign in to PVE's page.",
  ),
  trust: Trust.prefault({}),
  poll_period: duration("5s", "1h")
    .optional()
    .describe("Time between polls; by the cluster's size when left out: 10s up to 8 nodes, 30s up to 16, then 60s."),
  history: History.prefault({}),
  limits: Limits.prefault({}),
  agent: flag()
    .default(false)
    .describe("Ask guests through their QEMU guest agent for file systems and memory; one at a time per node."),
  push: Push.optional().describe(
    "Let the cluster's own metric server push samples to this service, besides being polled (see docs/push.md).",
  ),
  web_url: webAddress().optional().describe("Address of PVE's own page for links; the first endpoint when left out."),
  cost_model: CostModelConfig.optional().describe(
    "What the cluster costs (see docs/costs.md). Without rates no money is shown anywhere, only shares.",
  ),
});

const proxyExpected = 'expected an IP address or network such as "10.0.0.0/8"';
const hostExpected = 'expected a host name such as "pilothouse.example.com"';
const basePathExpected = 'expected a path such as "/" or "/pilothouse"';

const Server = group({
  host: text("expected an address or host name to listen on")
    .default("127.0.0.1")
    .describe("Address to listen on; 0.0.0.0 or :: for all."),
  port: whole(0, 65_535).default(7060).describe("Port to listen on; 0 takes any free one."),
  public_url: webAddress().optional().describe("The address people use when a proxy stands in front."),
  base_path: text(basePathExpected)
    .regex(/^\/([\w.~-]+(\/[\w.~-]+)*\/?)?$/, { error: basePathExpected })
    .transform((value) => value.replace(/\/$/, ""))
    .prefault("/")
    .describe("Path under which everything is served."),
  tls: group({
    cert_file: text("expected the path of a PEM file").describe("Certificate, with its chain."),
    key_file: text("expected the path of a PEM file").describe("Private key; only its owner may read it."),
  })
    .optional()
    .describe("Serve HTTPS with this certificate."),
  trusted_proxies: list(text(proxyExpected).refine(isNetwork, { error: proxyExpected }), "expected a list of networks")
    .default([])
    .describe("Proxies whose X-Forwarded-* headers are believed."),
  allowed_hosts: list(
    text(hostExpected).regex(/^[A-Za-z0-9.:[\]*-]+$/, { error: hostExpected }),
    "expected a list of host names",
  )
    .default([])
    .describe("Host names that are answered besides loopback, the bound address and that of public_url."),
});

const readerExpected = `expected one of ${storeReaders.join(", ")}`;

const Store = group({
  reader: z
    .enum(storeReaders, { error: readerExpected })
    .default("duckdb")
    .describe(
      "Where graphs are read from: the embedded database, or the first sink that is an InfluxDB. The embedded one then keeps the newest days, hourly points and sketches.",
    ),
  raw_retention: duration("1d", "1y")
    .optional()
    .describe("How long samples are kept as they came; 14d, with `reader: influx` 2d."),
  five_minute_retention: duration("7d", "5y")
    .optional()
    .describe("How long 5-minute points are kept; 90d, with `reader: influx` 7d."),
  hourly_retention: duration("30d", "20y").prefault("2y").describe("How long hourly points are kept."),
  journal_max_size: size("16MiB", "1TiB").prefault("1GiB").describe("Bound of the journal; above it the oldest goes."),
  memory_limit: size("96MiB", "64GiB").prefault("128MiB").describe("Memory that the embedded database may use."),
});

const sinkIdExpected = 'expected 1–31 of a-z, 0-9 and "-", beginning with a letter, other than duckdb';
const editionExpected = `expected one of auto, ${influxEditions.join(", ")}`;
const shapeExpected = `expected one of ${influxShapes.join(", ")}`;

const Sink = group({
  id: text(sinkIdExpected)
    .regex(/^(?!duckdb$)[a-z][a-z0-9-]{0,30}$/, { error: sinkIdExpected })
    .describe("Short name of ours that never changes: what the sink has is remembered under it."),
  kind: z
    .enum(["influx"], { error: "expected influx" })
    .default("influx")
    .describe("InfluxDB, or another server that takes its line protocol."),
  url: webAddress().describe("Address of the server, with its base path where it has one."),
  read_url: webAddress()
    .optional()
    .describe("Address to read from when that is another one, as vmselect of a VictoriaMetrics cluster."),
  edition: z
    .enum(["auto", ...influxEditions], { error: editionExpected })
    .default("auto")
    .describe("InfluxDB 1, 2 or 3, or VictoriaMetrics; auto asks the server."),
  bucket: text("expected the name of a bucket or database")
    .default("pilothouse")
    .describe("Bucket (2) or database (1, 3); DATABASE/POLICY names a retention policy of 1."),
  org: z.string({ error: "expected the name of an organisation" }).default("").describe("Organisation (2)."),
  token: text(`expected the token, or \${file:/path/to/token}`)
    .regex(/^[\x21-\x7e]+$/, { error: "expected the token, one word without spaces" })
    .transform((value) => new Secret(value))
    .optional()
    .describe("The token, or a reference to a file that only its owner may read (see above)."),
  login: group({
    user: text("expected the user's name").describe("Name of the user (1, or a proxy in front)."),
    password: text(`expected the password, or \${file:/path/to/password}`)
      .transform((value) => new Secret(value))
      .describe("The password, or a reference to a file that only its owner may read (see above)."),
  })
    .optional()
    .describe("A user and password in place of a token."),
  ca_file: text("expected the path of a PEM file")
    .optional()
    .describe("File with the CA's certificate; the system's CAs when left out."),
  retention: duration("1d", "100y")
    .optional()
    .describe(
      "How long the bucket keeps points: older ones are not sent, and a bucket that we make gets it. For ever when left out.",
    ),
  create: flag().default(true).describe("Make the bucket when it is missing and the account may."),
  shape: z
    .enum(influxShapes, { error: shapeExpected })
    .default("pilothouse")
    .describe("Measurements as ours (pve_node, pve_guest, …), as Proxmox VE's own metric server writes them, or both."),
  gzip: flag().default(false).describe("Compress what is sent; worth its CPU over slow lines only."),
});

const pace = (name: FactReaderName) =>
  duration("1m", "30d").prefault(printDuration(factPaces[name].everyS)).describe(`${factPaces[name].summary}.`);

const paces = Object.fromEntries(factReaderNames.map((name) => [name, pace(name)])) as Record<
  FactReaderName,
  ReturnType<typeof pace>
>;

const Facts = group({
  requests_per_second: number(0.1, 20).default(1).describe("Most requests per second to each cluster for slow facts."),
  ...paces,
});

const timeExpected = 'expected a time of day from "00:00" to "24:00", in quotes';
const timeOfDay = () =>
  text(timeExpected)
    .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: timeExpected })
    .transform((value) => Number(value.slice(0, 2)) * 60 + Number(value.slice(3)));
const daysExpected = `expected a list of ${weekdays.join(", ")}`;
const days = () => list(z.enum(weekdays, { error: daysExpected }), daysExpected).min(1, { error: daysExpected });
const zoneExpected = 'expected a time zone such as "Europe/Vienna" or "UTC"';

const Analysis = group({
  time_zone: text(zoneExpected)
    .refine(isTimeZone, { error: zoneExpected })
    .optional()
    .describe("Business hours and days are those of this zone; the machine's own when left out."),
  business_hours: group({
    days: days()
      .default(["mon", "tue", "wed", "thu", "fri"])
      .describe("Days of the week: mon, tue, wed, thu, fri, sat, sun."),
    from: timeOfDay().prefault("08:00").describe("Begin of the day."),
    to: timeOfDay().prefault("18:00").describe("End of the day; at or before `from`: of the day after."),
  })
    .prefault({})
    .describe("When percentiles of business hours are taken."),
  maintenance: list(
    group({
      days: days().describe("Days of the week on which it begins."),
      from: timeOfDay().describe("Begin."),
      to: timeOfDay().describe("End; at or before `from`: of the day after."),
    }),
    "expected a list of maintenance windows",
  )
    .default([])
    .describe("Planned maintenance: time that counts neither for nor against availability."),
  reserve_nodes: whole(0, 16)
    .default(1)
    .describe("So many nodes of a cluster, the largest, are kept free for the case that they are lost."),
  availability_target: number(0.5, 0.99999)
    .default(0.999)
    .describe("Share of time that guests which should run are promised to run; the error budget is reckoned with it."),
  backup_max_age: duration("1h", "1y")
    .prefault("26h")
    .describe("A guest is protected while its newest backup is younger."),
});

const levelExpected = `expected one of ${logLevels.join(", ")}`;

export const ConfigFile = group({
  data_dir: text("expected the path of a directory")
    .optional()
    .describe("Where samples and state are kept: ./data beside the file, /var/lib/pilothouse for a file under /etc."),
  clusters: list(Cluster, "expected a list of clusters").prefault([]).describe("The Proxmox VE clusters to watch."),
  server: Server.prefault({}).describe("The web page and the API."),
  store: Store.prefault({}).describe("How much is kept."),
  sinks: list(Sink, "expected a list of sinks")
    .prefault([])
    .describe("Servers that get every sample besides the embedded database."),
  facts: Facts.prefault({}).describe("How often slow facts are read; each key is the time between two readings."),
  analysis: Analysis.prefault({}).describe("What utilization, KPIs and capacity are reckoned with."),
  log: group({
    level: z.enum(logLevels, { error: levelExpected }).default("info").describe("How much is logged."),
  })
    .prefault({})
    .describe("Messages of the service."),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

function isNetwork(value: string): boolean {
  const [address = "", prefix, ...rest] = value.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
