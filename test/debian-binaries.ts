// Debian's own InfluxDB and VictoriaMetrics, fetched as packages and unpacked into a cache folder: nothing is installed
// and no service of the system is started. Undefined where there is no apt.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const binaries = {
  influxdb: "usr/bin/influxd",
  "victoria-metrics": "usr/bin/victoria-metrics",
} as const;
export type DebianPackage = keyof typeof binaries;

export interface RunningBinary {
  /** Without a trailing slash. */
  readonly url: string;
  readonly pid: number;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** The path of the package's server, fetched at first use; undefined when it cannot be had here. */
export function debianBinary(name: DebianPackage): string | undefined {
  const folder = join(homedir(), ".cache", "pilothouse", "debian", name);
  const binary = join(folder, binaries[name]);
  if (existsSync(binary)) return binary;
  try {
    mkdirSync(folder, { recursive: true });
    download(name, folder);
    const [archive] = readdirSync(folder).filter((file) => file.endsWith(".deb"));
    if (archive === undefined) return undefined;
    execFileSync("dpkg", ["-x", archive, "."], { cwd: folder, stdio: "ignore" });
    rmSync(join(folder, archive));
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** A fresh machine has no lists of packages yet. */
function download(name: DebianPackage, folder: string): void {
  const fetchIt = (): unknown => execFileSync("apt-get", ["download", name], { cwd: folder, stdio: "ignore" });
  try {
    fetchIt();
  } catch (error) {
    if (process.getuid?.() !== 0) throw error;
    execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    fetchIt();
  }
}

/** InfluxDB 1.6 on free ports of the loopback, with its own directory and the database `pve`. */
export async function startInflux(): Promise<RunningBinary | undefined> {
  const binary = debianBinary("influxdb");
  if (binary === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), "pilothouse-influx-"));
  const [http, rpc] = [await freePort(), await freePort()];
  writeFileSync(join(directory, "influxdb.conf"), influxConfiguration(directory, http, rpc));
  const child = spawn(binary, ["-config", join(directory, "influxdb.conf")], { stdio: "ignore" });
  const running = await whenReady(child, directory, `http://127.0.0.1:${http}`, "/ping");
  await fetch(`${running.url}/query?q=CREATE+DATABASE+pve`, { method: "POST" });
  return running;
}

/** VictoriaMetrics on a free port of the loopback, with its own directory. */
export async function startVictoriaMetrics(): Promise<RunningBinary | undefined> {
  const binary = debianBinary("victoria-metrics");
  if (binary === undefined) return undefined;
  const directory = mkdtempSync(join(tmpdir(), "pilothouse-victoria-"));
  const port = await freePort();
  // Points that come twice are one: what Pilothouse asks of an installation, too.
  const flags = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${directory}/data`,
    "-retentionPeriod=100y",
    "-dedup.minScrapeInterval=1ms",
  ];
  const child = spawn(binary, flags, { stdio: "ignore" });
  return whenReady(child, directory, `http://127.0.0.1:${port}`, "/health");
}

const influxConfiguration = (directory: string, http: number, rpc: number): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${directory}/meta"
[data]
  dir = "${directory}/data"
  wal-dir = "${directory}/wal"
  max-series-per-database = 0
  max-values-per-tag = 0
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[monitor]
  store-enabled = false
`;

async function whenReady(child: ChildProcess, directory: string, url: string, path: string): Promise<RunningBinary> {
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
      await ended;
    }
    rmSync(directory, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(url + path).catch(() => undefined);
    if (answer?.ok === true) return { url, pid: child.pid ?? 0, close };
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await close();
  throw new Error(`${child.spawnfile} did not answer on ${url}${path}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
