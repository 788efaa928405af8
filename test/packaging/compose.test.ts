// The compose file as Debian's docker-compose reads it. There is no engine here: nothing is started.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const isHere = existsSync("/usr/bin/docker-compose");
const read = (path: string): string => readFileSync(`${root}/${path}`, "utf8");

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: object;
  readonly secrets?: readonly { readonly source: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly security_opt: readonly string[];
}
interface Composed {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, object>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

function composed(...profiles: readonly string[]): Composed {
  const chosen = profiles.flatMap((profile) => ["--profile", profile]);
  const output = execFileSync("docker-compose", ["-f", `${root}/docker-compose.yml`, ...chosen, "config"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return parse(output.toString()) as Composed;
}

describe.skipIf(!isHere && process.env["CI"] !== "true")("docker-compose.yml", () => {
  it("is Pilothouse alone unless a profile is asked for", () => {
    expect(Object.keys(composed("grafana", "influxdb").services).sort()).toEqual(["grafana", "influxdb", "pilothouse"]);
    const own = parse(read("docker-compose.yml")) as { services: Record<string, { profiles?: string[] }> };
    expect(Object.entries(own.services).map(([name, { profiles }]) => [name, profiles])).toEqual([
      ["pilothouse", undefined],
      ["influxdb", ["influxdb"]],
      ["grafana", ["grafana"]],
    ]);
  });

  it("pins versions, listens on the loopback alone, gives nobody more rights, and keeps data in named volumes", () => {
    const { services, volumes } = composed("grafana", "influxdb");
    for (const [name, service] of Object.entries(services)) {
      expect(service.image, name).toMatch(/:\d+\.\d+\.\d+$/);
      expect(service.ports?.every((port) => port.startsWith("127.0.0.1:")) ?? true, name).toBe(true);
      expect(service.security_opt, name).toContain("no-new-privileges:true");
      const named = service.volumes.map((volume) => volume.split(":")[0] ?? "").filter((from) => !from.startsWith("/"));
      expect(Object.keys(volumes), name).toEqual(expect.arrayContaining(named));
      expect(named.length, name).toBeGreaterThan(0);
    }
  });

  it("starts Grafana when Pilothouse is healthy, and gives secrets as files only", () => {
    const { services, secrets } = composed("grafana", "influxdb");
    expect(services["grafana"]?.depends_on).toEqual({ pilothouse: { condition: "service_healthy" } });
    for (const [name, { environment }] of Object.entries(services)) {
      const bare = Object.keys(environment).filter(
        (key) => /TOKEN|PASSWORD|SECRET/.test(key) && !key.endsWith("_FILE"),
      );
      expect(bare, name).toEqual([]);
    }
    expect(Object.values(secrets).map(({ file }) => file)).toContain(`${root}secrets/grafana_token`);
  });

  it("has the version of this release", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string };

    expect(composed().services["pilothouse"]?.image).toBe(`pilothouse:${version}`);
  });
});

describe("the image", () => {
  const dockerfile = read("Dockerfile");

  it("runs as an ordinary user, says whether it is healthy, and is of one Node that we support", () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:2\d\.\d+\.\d+-/);
  });

  it("is built from files that are there and that .dockerignore lets through", () => {
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words = ""]) =>
      words
        .split(" ")
        .filter((word) => !word.startsWith("--"))
        .slice(0, -1),
    );
    expect(copied.sort()).toEqual([...allowed].sort());
    for (const path of copied) expect(existsSync(`${root}/${path}`), path).toBe(true);
  });
});
