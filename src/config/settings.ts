// What the rest of the program is told: the checked configuration in TypeScript's spelling, secrets wrapped.
import type { Secret } from "../lib/secret.ts";
import type { AnalysisChoices } from "../model/analysis-settings.ts";
import type { CostModel } from "../model/cost-model.ts";
import type { FactSettings } from "../model/facts-paces.ts";
import type { ClusterId } from "../model/ids.ts";

export interface Settings {
  /** Absolute. */
  readonly dataDir: string;
  readonly clusters: readonly ClusterSettings[];
  readonly server: ServerSettings;
  readonly store: StoreSettings;
  /** Servers that get every sample besides the embedded database. */
  readonly sinks: readonly SinkConfig[];
  readonly facts: FactSettings;
  readonly analysis: AnalysisChoices;
  readonly log: { readonly level: LogLevel };
}

export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ServerSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The address people use when a proxy stands in front, without a trailing slash. */
  readonly publicUrl: string | null;
  /** "" or "/pilothouse": everything is served below it. */
  readonly basePath: string;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Addresses and networks (CIDR) whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Host names answered besides the loopback ones, the bound address and that of publicUrl. */
  readonly allowedHosts: readonly string[];
}

export const storeReaders = ["duckdb", "influx"] as const;
export type StoreReader = (typeof storeReaders)[number];

export const influxEditions = ["1", "2", "3", "victoria-metrics"] as const;
export const influxShapes = ["pilothouse", "pve", "both"] as const;

export interface SinkConfig {
  readonly id: string;
  readonly kind: "influx";
  /** Without a trailing slash. */
  readonly url: string;
  readonly readUrl: string | null;
  readonly edition: "auto" | (typeof influxEditions)[number];
  readonly bucket: string;
  readonly org: string;
  readonly token: Secret | null;
  readonly login: { readonly user: string; readonly password: Secret } | null;
  /** A CA in PEM; null: the system's. */
  readonly ca: string | null;
  /** null: for ever. */
  readonly retentionS: number | null;
  readonly create: boolean;
  readonly shape: (typeof influxShapes)[number];
  readonly gzip: boolean;
}

export interface StoreSettings {
  /** Where graphs are read from. */
  readonly reader: StoreReader;
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  readonly hourlyDays: number;
  readonly journalMaxBytes: number;
  readonly memoryLimitMb: number;
}

/** How a cluster's certificate is believed: by its SHA-256 (`AA:BB:…`), by a CA given as PEM, or by the system's CAs. */
export type TrustSettings =
  | { readonly kind: "pin"; readonly sha256: string }
  | { readonly kind: "ca"; readonly pem: string }
  | { readonly kind: "system" };

/** How we sign in: by an API token, or where there is none by a user's password. */
export type AccessSettings =
  | { readonly token: { readonly id: string; readonly secret: Secret } }
  | { readonly login: { readonly user: string; readonly password: Secret } };

/** Who we are to the cluster: user@realm!token or user@realm. */
export const accountOf = (access: AccessSettings): string => ("token" in access ? access.token.id : access.login.user);

export interface ClusterSettings {
  readonly id: ClusterId;
  readonly name: string;
  /** `https://host:port`, tried in order. */
  readonly endpoints: readonly string[];
  readonly access: AccessSettings;
  readonly trust: TrustSettings;
  /** null: by the size of the cluster. */
  readonly pollPeriodS: number | null;
  readonly history: { readonly import: boolean; readonly requestsPerSecond: number };
  readonly limits: { readonly requestsPerSecond: number; readonly inFlight: number; readonly inFlightPerNode: number };
  /** Whoever shows it may push samples of this cluster; null: nobody may. */
  readonly pushToken: Secret | null;
  /** Whether guests may be asked through their QEMU guest agent. */
  readonly agent: boolean;
  /** Address of PVE's own page for links; null: the first endpoint. */
  readonly webUrl: string | null;
  /** What the cluster costs; null: nothing was entered. */
  readonly costModel: CostModel | null;
}
