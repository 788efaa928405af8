// What a support bundle consists of: everything that helps to find out what is wrong, and nothing that opens a door.
import { arch, cpus, platform, release, totalmem } from "node:os";
import type { ConfigEntry } from "../../config/index.ts";
import type { TarFile } from "../../lib/tar.ts";
import type { CheckResult } from "../doctor.ts";
import type { Hide } from "./hide.ts";

/** What the running service tells of itself. */
export interface ServiceReport {
  readonly status: unknown;
  readonly clusters: unknown;
  readonly problems: unknown;
  readonly jobs: unknown;
  readonly store: unknown;
  /** Prometheus text. */
  readonly metrics: string;
  /** JSON lines, oldest first. */
  readonly log: readonly string[];
  /** To be hidden; never in the bundle. */
  readonly guestNames: readonly string[];
}

export interface BundleParts {
  readonly version: string;
  readonly createdAt: string;
  readonly configuration: readonly ConfigEntry[];
  readonly doctor: readonly CheckResult[];
  /** null when no service runs. */
  readonly service: ServiceReport | null;
}

/** Each file's whole text goes through `hide`. */
export function bundleFiles(parts: BundleParts, hide: Hide): readonly TarFile[] {
  const { version, createdAt, configuration, doctor, service } = parts;
  const files: TarFile[] = [
    { name: "README.txt", content: readme(parts) },
    { name: "versions.json", content: json({ pilothouse: version, created_at: createdAt, ...machine() }) },
    { name: "configuration.json", content: json(configuration) },
    { name: "doctor.json", content: json(doctor) },
  ];
  if (service !== null) {
    files.push(
      { name: "status.json", content: json(service.status) },
      { name: "clusters.json", content: json(service.clusters) },
      { name: "problems.json", content: json(service.problems) },
      { name: "jobs.json", content: json(service.jobs) },
      { name: "store.json", content: json(service.store) },
      { name: "metrics.txt", content: service.metrics },
      { name: "log.jsonl", content: service.log.map((line) => `${line.trimEnd()}\n`).join("") },
    );
  }
  return files.map(({ name, content }) => ({ name: `pilothouse-support/${name}`, content: hide(content) }));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const machine = (): object => ({
  node: process.versions.node,
  platform: `${platform()} ${release()} ${arch()}`,
  cpus: cpus().length,
  memory_bytes: totalmem(),
});

const readme = ({ version, createdAt, service }: BundleParts): string =>
  [
    `Support bundle of Pilothouse ${version}, made ${createdAt}.`,
    "",
    "Secrets are left out. Names of guests are hashes, unless it was made with --with-names; the same name has the same",
    "hash within this bundle. Names and addresses of clusters, nodes and storages are in it: look before you send it.",
    ...(service === null ? ["", "No service was running: problems, jobs, store, metrics and log are missing."] : []),
    "",
  ].join("\n");
