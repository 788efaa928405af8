// What a connection to InfluxDB, or to something that takes its line protocol, is made with.
import { z } from "zod";
import { ConfigError } from "../../../lib/errors.ts";

/** `auto` asks the server. The three of InfluxDB differ in paths, sign-in and how a database is made. */
export const influxEditions = ["1", "2", "3", "victoria-metrics"] as const;
export type InfluxEdition = (typeof influxEditions)[number];

/** pilothouse: our measurements · pve: those of Proxmox VE's own metric server · both */
export const influxShapes = ["pilothouse", "pve", "both"] as const;
export type InfluxShape = (typeof influxShapes)[number];

const Options = z.strictObject({
  /** With the base path, without a trailing slash. */
  url: z.string(),
  /** Where to read when that is elsewhere, as in a cluster of VictoriaMetrics. */
  readUrl: z.string().nullable(),
  edition: z.enum(["auto", ...influxEditions]),
  /** Bucket (2), database (1, 3); `database/policy` names a retention policy of 1. */
  bucket: z.string(),
  org: z.string(),
  token: z.string().nullable(),
  user: z.string().nullable(),
  password: z.string().nullable(),
  /** A CA in PEM that is believed instead of the system's. */
  ca: z.string().nullable(),
  /** What the bucket keeps; older rows are not sent. Null: everything. */
  retentionS: z.number().nullable(),
  /** Make the bucket when it is not there. */
  create: z.boolean(),
  shape: z.enum(influxShapes),
  gzip: z.boolean(),
});
export type InfluxOptions = z.infer<typeof Options>;

export const defaultInfluxOptions: InfluxOptions = {
  url: "",
  readUrl: null,
  edition: "auto",
  bucket: "pilothouse",
  org: "",
  token: null,
  user: null,
  password: null,
  ca: null,
  retentionS: null,
  create: true,
  shape: "pilothouse",
  gzip: false,
};

/** Throws a ConfigError that names the sink. */
export function influxOptionsOf(name: string, options: Readonly<Record<string, unknown>>): InfluxOptions {
  const parsed = Options.safeParse({ ...defaultInfluxOptions, ...options });
  if (!parsed.success) throw new ConfigError(`The sink ${name} cannot be opened: ${z.prettifyError(parsed.error)}`);
  if (!/^https?:$/.test(URL.canParse(parsed.data.url) ? new URL(parsed.data.url).protocol : ""))
    throw new ConfigError(`The sink ${name} has no http or https address: ${JSON.stringify(parsed.data.url)}.`);
  return parsed.data;
}
