import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findConfigFile, loadConfig } from "../../src/config/index.ts";
import { aDirectory, aFile, complaints, goodPin, goodText, load, secret } from "./a-config.ts";

describe("a good configuration", () => {
  it("becomes settings with defaults, absolute paths and wrapped secrets", () => {
    const { settings } = load(goodText);

    expect(settings.clusters[0]).toMatchObject({
      id: "prod",
      name: "Production",
      endpoints: ["https://pve1.example.com:8006", "https://pve2.example.com:8006"],
      trust: { kind: "pin", sha256: goodPin },
      pollPeriodS: 10,
    });
    const access = settings.clusters[0]?.access;
    expect(access !== undefined && "token" in access && access.token.secret.reveal()).toBe(secret);
    expect(settings.clusters[1]).toMatchObject({ name: "lab", trust: { kind: "system" }, pollPeriodS: null });
    expect(settings.store).toMatchObject({ rawDays: 14, fiveMinuteDays: 90, journalMaxBytes: 2 ** 30 });
    expect(settings.dataDir).toMatch(/^\/.*\/data$/);
    expect(settings.server.basePath).toBe("");
  });

  it("prints no secret, however it is printed", () => {
    const loaded = load(goodText);

    expect(JSON.stringify(loaded)).not.toContain(secret);
    expect(JSON.stringify(loaded.entries)).not.toContain(secret);
  });

  it("may be JSON", () => {
    expect(load('{"clusters": [], "server": {"port": 1234}}', { needsClusters: false }).settings.server.port).toBe(
      1234,
    );
  });
});

describe("precedence", () => {
  const env = { PILOTHOUSE_PORT: "8001", PILOTHOUSE_HOST: "::1" };

  it("is flags, then variables, then the file, then defaults, and each value knows its origin", () => {
    const overrides = [{ path: "server.port", value: "8002", source: "--port" }];
    const { settings, entries } = load(goodText, { env, overrides });
    const origin = (key: string): string | undefined => entries.find((entry) => entry.key === key)?.origin;

    expect(settings.server).toMatchObject({ port: 8002, host: "::1" });
    expect(origin("server.port")).toBe("--port");
    expect(origin("server.host")).toBe("PILOTHOUSE_HOST");
    expect(origin("log.level")).toMatch(/pilothouse\.yaml:\d+:\d+$/);
    expect(origin("store.memory_limit")).toBe("default");
  });

  it("leaves the port that Kubernetes sets for a service of our name alone", () => {
    expect(load(goodText, { env: { PILOTHOUSE_PORT: "tcp://10.0.0.1:7060" } }).settings.server.port).toBe(7060);
  });

  it("names the variable or flag whose value is wrong", () => {
    expect(complaints(goodText, { env: { PILOTHOUSE_PORT: "many" } })).toEqual([
      'PILOTHOUSE_PORT: wrong value for server.port; expected a whole number from 0 to 65535, got "many"',
    ]);
  });

  it("finds the file that is asked for, then the variable's, then the one in the working directory", () => {
    const cwd = aDirectory();

    expect(findConfigFile({ file: null, env: {}, cwd })).toBeNull();
    aFile(goodText, 0o600, cwd);
    expect(findConfigFile({ file: null, env: {}, cwd })).toBe("pilothouse.yaml");
    expect(findConfigFile({ file: null, env: { PILOTHOUSE_CONFIG: "x.yaml" }, cwd })).toBe("x.yaml");
    expect(findConfigFile({ file: "y.yaml", env: { PILOTHOUSE_CONFIG: "x.yaml" }, cwd })).toBe("y.yaml");
  });
});

describe("what is wrong", () => {
  it.each([
    [
      "unknown key",
      "data_dir: ./data",
      "data_dri: ./data",
      '2:1: unknown key "data_dri"; expected one of data_dir, clusters, server, store, sinks, facts, analysis, log; did you mean "data_dir"?',
    ],
    [
      "camelCase",
      "poll_period: 10s",
      "pollPeriod: 10s",
      /12:5: unknown key "pollPeriod" in clusters\[0\]; .*did you mean "poll_period"\?$/,
    ],
    ["key of another group", "log:\n", "port: 1\nlog:\n", /: unknown key "port"; .*did you mean "server.port"\?$/],
    [
      "duration without unit",
      "poll_period: 10s",
      "poll_period: 10",
      /^12:18: wrong value for clusters\[0\].poll_period; expected a duration .*, got 10$/,
    ],
    ["size", "1GiB", "1 gig", /^\d+:21: wrong value for store.journal_max_size; expected a size .*, got "1 gig"$/],
    ["duplicate id", "- id: lab", "- id: prod", /^15:9: the cluster id "prod" is used twice \(first in line 4\)/],
    ["http", "https://lab", "http://lab", /http is not encrypted.*did you mean "https:\/\/lab.example.com:8006"\?$/],
    ["user in the address", "https://lab", "https://root@lab", /^17:9: .*holds no user or password/],
    ["short fingerprint", goodPin, "AB:CD", /^11:20: .*not a SHA-256 fingerprint; expected a SHA-256 fingerprint/],
    ["SHA-1", goodPin, goodPin.slice(0, 59), /a SHA-1 fingerprint is not safe/],
    ["two trusts", "trust: { system: true }", "trust: { system: true, ca_file: x }", /exclude each other/],
    [
      "level",
      "level: info",
      "level: inof",
      /expected one of error, warn, info, debug, got "inof"; did you mean "info"\?$/,
    ],
    ["token id", "id: pilothouse@pve!pilothouse\n", "id: pilothouse@pve\n", /^8:11: .*expected USER@REALM!TOKEN/],
    ["missing token", /token: \{.*\}\n/, "\n", /^15:5: clusters\[1\].token is missing/],
    [
      "same endpoint twice",
      "https://lab.example.com:8006",
      "https://pve1.example.com:8006",
      /belongs to clusters\[0\] already/,
    ],
    ["network", "10.0.0.0/8", "10.0.0.0/64", /expected an IP address or network/],
    [
      "secret from the environment",
      `secret: ${secret} }`,
      `secret: "\${env:X}" }`,
      /a secret does not come from the environment; expected \$\{file:\/path\}/,
    ],
    [
      "missing secret file",
      `secret: ${secret} }`,
      `secret: "\${file:/no/such}" }`,
      /the secret file \/no\/such cannot be read \(no such file\)/,
    ],
    [
      "reference without quotes",
      `secret: ${secret} }`,
      `secret: \${file:/x} }`,
      /^18:\d+: not valid YAML: .*expected quotes: "\$\{…\}" inside \{ \}$/,
    ],
    ["variable", "level: info", `level: "\${env:NOT_SET}"`, /the variable NOT_SET is not set; expected \$\{env:NAME\}/],
    ["duplicate key", "log:\n", "data_dir: y\nlog:\n", /not valid YAML: Map keys must be unique/],
    ["tab", "  host:", "\thost:", /not valid YAML/],
    [
      "missing CA",
      `fingerprint: "${goodPin}"`,
      "ca_file: /no/ca.pem",
      /^11:16: \/no\/ca.pem cannot be read \(no such file\); expected a PEM file with a CA$/,
    ],
  ] as const)("says it in one line with its place: %s", (_name, from, to, expected) => {
    const lines = complaints(goodText.replace(from, to));

    if (typeof expected === "string") expect(lines).toContain(expected);
    else expect(lines).toContainEqual(expect.stringMatching(expected));
  });

  it("is told all at once, in the order of the file", () => {
    const lines = complaints(
      goodText.replace("id: prod", "id: PROD").replace("port: 7060", "port: 70600").replace("level: info", "level: x"),
    );

    expect(lines.map((line) => Number(line.split(":")[0]))).toEqual([4, 22, 30]);
  });

  it("never repeats what may be a secret", () => {
    const misplaced = [
      goodText.replace(/token: \{.*\}/, `token: ${secret}`),
      goodText.replace(`secret: ${secret}\n`, `${secret}: x\n`),
      goodText.replace("name: Production", `nome: ${secret}`),
      goodText.replace("port: 7060", `port: ${secret}`),
      goodText.replace(`secret: ${secret}\n`, `secret: "${secret}\n`),
    ];

    for (const text of misplaced) {
      expect(complaints(text)).not.toEqual([]);
      expect(complaints(text).join("\n")).not.toContain(secret);
    }
  });
});

describe("a push token", () => {
  const token = "canary-canary-canary-canary";
  const withPush = (...tokens: string[]): string => {
    let number = 0;
    return goodText.replaceAll(/^ {2}- id: .*$/gm, (line) => {
      const value = tokens[number++];
      return value === undefined ? line : `${line}\n    push: { token: ${value} }`;
    });
  };

  it("is taken, and never shown", () => {
    const { settings, entries } = load(withPush(token));

    expect(settings.clusters.map(({ pushToken }) => pushToken?.reveal())).toEqual([token, undefined]);
    expect(JSON.stringify([settings, entries])).not.toContain(token);
  });

  it("is refused when it is short, comes from the environment, or belongs to another cluster", () => {
    expect(complaints(withPush("canary")).join("\n")).toContain("expected a token of at least 20 letters");
    expect(complaints(withPush("canary")).join("\n")).not.toContain("canary");
    expect(complaints(withPush(`"\${env:HOME}"`)).join("\n")).toContain("does not come from the environment");
    expect(complaints(withPush(token, token)).join("\n")).toContain("this is the push token of clusters[0] already");
    expect(complaints(withPush(token, token)).join("\n")).not.toContain(token);
  });
});

describe("a login in place of a token", () => {
  const withLogin = (password: string): string =>
    goodText.replace(
      `token: { id: pilothouse@pve!pilothouse, secret: ${secret} }`,
      `login: { user: pilothouse@pve, password: ${password} }`,
    );

  it("is taken, and its password is never shown", () => {
    const { settings, entries } = load(withLogin("canary-word"));

    const access = settings.clusters[1]?.access;
    expect(access !== undefined && "login" in access && access.login.password.reveal()).toBe("canary-word");
    expect(JSON.stringify([settings, entries])).not.toContain("canary-word");
    expect(entries.find(({ key }) => key === "clusters[1].login.password")?.value).toBe("[redacted]");
  });

  it("is refused beside a token, and a wrong password is not repeated", () => {
    expect(
      complaints(goodText.replace("    trust: { system: true }", "    login: { user: a@pve, password: canary }")),
    ).toEqual([expect.stringMatching(/^\d+:\d+: token and login exclude each other; expected one of token, login$/)]);
    expect(complaints(withLogin("[canary]")).join("\n")).not.toContain("canary");
    expect(complaints(withLogin("canary").replace("pilothouse@pve,", "pilothouse,")).join("\n")).toContain(
      "expected USER@REALM",
    );
  });
});

describe("who may read secrets", () => {
  it("refuses a file with a secret that others may read, and gives the line that mends it", () => {
    const file = aFile(goodText, 0o644);

    expect(() => loadConfig({ file, env: {}, cwd: "/", needsClusters: true })).toThrow(`run: chmod 600 ${file}`);
  });

  it("takes a secret from a file of its own, and refuses it when others may read it", () => {
    const directory = aDirectory();
    const secretFile = join(directory, "secret");
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
    const text = goodText.replaceAll(secret, `"\${file:${secretFile}}"`);
    const source = { file: aFile(text, 0o644, directory), env: {}, cwd: "/", needsClusters: true };

    const access = loadConfig(source).settings.clusters[0]?.access;
    expect(access !== undefined && "token" in access && access.token.secret.reveal()).toBe(secret);
    chmodSync(secretFile, 0o640);
    expect(() => loadConfig(source)).toThrow(`chmod 600 ${secretFile}`);
  });

  it("takes what is no secret from the environment, as the type that the key has", () => {
    const text = goodText.replace("port: 7060", `port: "\${env:MY_PORT}"`).replace("Production", `"\${env:WHERE} 1"`);
    const { settings, entries } = load(text, { env: { MY_PORT: "99", WHERE: "Berlin" } });

    expect(settings.server.port).toBe(99);
    expect(settings.clusters[0]?.name).toBe("Berlin 1");
    expect(entries.find(({ key }) => key === "server.port")?.origin).toContain(`\${env:MY_PORT}`);
  });
});
