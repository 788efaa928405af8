import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean } from "../../src/config/did-you-mean.ts";
import { completeEndpoint, parseEndpoint } from "../../src/config/endpoint.ts";
import { parseFingerprint } from "../../src/config/fingerprint.ts";
import { configJsonSchema, leafPaths } from "../../src/config/json-schema.ts";
import { overridable } from "../../src/config/overrides.ts";
import { parseDuration, parseSize } from "../../src/config/quantity.ts";

describe("quantities", () => {
  it.each([
    ["10s", 10],
    ["1.5h", 5400],
    ["2w", 1_209_600],
    ["1y", 31_536_000],
  ])("reads the duration %s", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(["", "10", "s", "-1s", "1 s", "1e3s", "10S", "1h30m"])("refuses %j as a duration", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it.each([
    ["512MiB", 2 ** 29],
    ["1 GB", 1e9],
    ["7B", 7],
  ])("reads the size %s", (text, bytes) => expect(parseSize(text)).toBe(bytes));
});

describe("endpoints", () => {
  it.each([
    ["pve1", "https://pve1:8006"],
    ["pve1:443", "https://pve1:443"],
    ["10.0.0.1", "https://10.0.0.1:8006"],
    ["fe80::1", "https://[fe80::1]:8006"],
    ["https://PVE1.example.com/api2/json/", "https://pve1.example.com:8006"],
  ])("completes %s to %s", (text, url) => expect(completeEndpoint(text)).toEqual({ ok: true, url }));

  it("are the same after reading their own spelling again", () => {
    fc.assert(
      fc.property(fc.domain(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        const once = parseEndpoint(`https://${host}:${port}`);
        expect(once.ok && parseEndpoint(once.url)).toEqual(once);
      }),
    );
  });
});

describe("fingerprints", () => {
  it("are read with or without colons, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
        const canonical = pairs.join(":").toUpperCase();
        expect(parseFingerprint(pairs.join(""))).toBe(canonical);
        expect(parseFingerprint(canonical)).toBe(canonical);
      }),
    );
  });
});

describe("did you mean", () => {
  it("finds a word with one slip, and none that is far", () => {
    expect(didYouMean("prot", ["port", "host"])).toBe("port");
    expect(didYouMean("dataDir", ["data_dir", "clusters"])).toBe("data_dir");
    expect(didYouMean("banana", ["port", "host"])).toBeUndefined();
  });
});

describe("the schema", () => {
  it("describes every key, for editors and the reference", () => {
    const undescribed: string[] = [];
    const walk = (node: ReturnType<typeof configJsonSchema>, path: string): void => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        const isGroup = child.properties !== undefined;
        if (child.description === undefined && !isGroup) undescribed.push(`${path}${key}`);
        walk(child, `${path}${key}.`);
        if (child.items !== undefined) walk(child.items, `${path}${key}[].`);
      }
    };
    walk(configJsonSchema(), "");

    expect(undescribed).toEqual([]);
  });

  it("has every key that a flag or variable sets", () => {
    expect(leafPaths()).toEqual(expect.arrayContaining(overridable.map(({ path }) => path)));
  });
});
