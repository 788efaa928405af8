// Sinks in the configuration: what they become, and what is said about wrong ones.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sinkOptions } from "../../src/app/sink-wiring.ts";
import { aDirectory, complaints, goodText, load } from "./a-config.ts";

const withSinks = (sinks: string, store = "duckdb"): string =>
  `${goodText.replace("store:\n", `store:\n  reader: ${store}\n`)}sinks:\n${sinks}`;

const token = "s3cr3t-t0k3n-of-influx";

describe("sinks", () => {
  it("get defaults, and their secrets stay wrapped until they leave for the store", () => {
    const loaded = load(
      withSinks(`  - { id: influx, url: "http://influx.lan:8086/base/", token: ${token}, retention: 2y }\n`),
    );

    expect(loaded.settings.sinks[0]).toMatchObject({
      id: "influx",
      kind: "influx",
      url: "http://influx.lan:8086/base",
      edition: "auto",
      bucket: "pilothouse",
      shape: "pilothouse",
      retentionS: 2 * 365 * 86_400,
      login: null,
    });
    expect(JSON.stringify(loaded)).not.toContain(token);
    const { sinks, readFrom } = sinkOptions(loaded.settings);
    expect(sinks?.[0]).toMatchObject({ name: "influx", kind: "influx", options: { token, user: null } });
    expect(readFrom).toBeUndefined();
  });

  it("take their token from a file that only its owner may read", () => {
    const directory = aDirectory();
    const file = join(directory, "token");
    writeFileSync(file, `${token}\n`);
    chmodSync(file, 0o600);
    const text = withSinks(`  - { id: influx, url: "https://influx.lan", token: "\${file:${file}}" }\n`);

    expect(load(text).settings.sinks[0]?.token?.reveal()).toBe(token);
    chmodSync(file, 0o644);
    expect(complaints(text).join("\n")).toMatch(/secret file .* may be read/);
  });

  it("are read when the store is told to, and then the database keeps samples for a shorter time", () => {
    const text = withSinks(
      `  - { id: victoria, url: "http://vm:8428", edition: victoria-metrics }\n  - { id: influx, url: "http://influx:8086" }\n`,
      "influx",
    ).replace("  raw_retention: 14d\n", "");
    const { settings, entries } = load(text);

    expect(sinkOptions(settings).readFrom).toBe("influx");
    expect(settings.store).toMatchObject({ reader: "influx", rawDays: 2, fiveMinuteDays: 7, hourlyDays: 730 });
    expect(entries.find(({ key }) => key === "store.raw_retention")?.value).toBe("2d");
  });

  it.each([
    ["no address", `  - { id: influx }`, "sinks[0].url is missing"],
    ["the database's own name", `  - { id: duckdb, url: "http://i:8086" }`, "other than duckdb"],
    ["an address of another kind", `  - { id: influx, url: "udp://i:8089" }`, "expected an address such as"],
    [
      "two ways to sign in",
      `  - { id: influx, url: "http://i:8086", token: ${token}, login: { user: a, password: b } }`,
      "token and login exclude each other",
    ],
    [
      "an id used twice",
      `  - { id: influx, url: "http://i:8086" }\n  - { id: influx, url: "http://j:8086" }`,
      'the sink id "influx" is used twice (first in line',
    ],
    ["an unknown edition", `  - { id: influx, url: "http://i:8086", edition: "4" }`, "expected one of auto, 1, 2, 3"],
    ["a misspelt key", `  - { id: influx, url: "http://i:8086", bukket: x }`, 'unknown key "bukket"'],
    [
      "a CA that is not there",
      `  - { id: influx, url: "https://i:8086", ca_file: none.pem }`,
      "none.pem cannot be read",
    ],
  ])("with %s are refused in one line with its place", (_, sinks, expected) => {
    const lines = complaints(withSinks(`${sinks}\n`));

    expect(lines.join("\n")).toContain(expected);
    expect(lines.join("\n")).not.toContain(token);
  });

  it("that cannot be read do not serve as the reader", () => {
    const only = `  - { id: influx, url: "http://i:8086", shape: pve }\n`;

    expect(complaints(withSinks(only, "influx")).join("\n")).toContain("there is no sink that could be read");
  });
});
