// A configuration that is wrong in any way gives sentences with places, never a crash (S17).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complaints, goodText } from "./a-config.ts";

const lines = goodText.split("\n");
const isPlaced = (line: string): boolean => /^\d+:\d+: \S/.test(line);

function expectSentences(text: string | Uint8Array): number {
  const said = complaints(text);
  for (const line of said) {
    expect(line).toSatisfy(isPlaced);
    expect(line).not.toMatch(/^\s+at |\bTypeError\b|\bundefined\b|\[object/);
  }
  return said.length;
}

describe("a mutated configuration", () => {
  it("is refused with a place for every wrong value in the place of every value (more than 300 files)", () => {
    const wrong = [
      "[]",
      "{}",
      "null",
      "true",
      "-1",
      "1e400",
      ".nan",
      '""',
      "2026-01-01",
      "!!binary aGk=",
      "*nowhere",
      "&a [*a]",
    ];
    let files = 0;
    for (const [index, line] of lines.entries()) {
      const match = /^(\s*(?:- )?[a-z_]+: )\S.*$/.exec(line);
      if (match === null) continue;
      for (const value of wrong) {
        expectSentences(lines.with(index, `${match[1] ?? ""}${value}`).join("\n"));
        files++;
      }
    }
    expect(files).toBeGreaterThan(200);
  });

  it("is refused when any key is misspelt, and the right one is proposed", () => {
    for (const [index, line] of lines.entries()) {
      const match = /^(\s*(?:- )?)([a-z_]{4,})(:(?: .*)?)$/.exec(line);
      if (match === null) continue;
      const [, indent = "", key = "", rest = ""] = match;
      const said = complaints(lines.with(index, `${indent}${key.slice(0, -1)}x${rest}`).join("\n")).join("\n");
      expect(said).toContain(`did you mean "${key}"?`);
    }
  });

  it("never crashes on a file that is cut, shuffled or overwritten", () => {
    fc.assert(
      fc.property(fc.nat(goodText.length), fc.nat(40), fc.string({ unit: "binary", maxLength: 12 }), (at, cut, put) => {
        expectSentences(goodText.slice(0, at) + put + goodText.slice(at + cut));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["nothing", ""],
    ["a list", "- a\n- b\n"],
    ["a word", "hello"],
    ["several documents", "a: 1\n---\nb: 2\n"],
    ["no UTF-8", Uint8Array.from([0x61, 0x3a, 0xff, 0xfe])],
    ["zeros", new Uint8Array(64)],
    ["a deep nest", "[".repeat(20_000)],
    [
      "a bomb of aliases",
      `a: &a [x]\n${"b c d e f g h i j k l"
        .split(" ")
        .map((key, at) => `${key}: &${key} [${`*${"abcdefghijk"[at] ?? ""},`.repeat(9)}]`)
        .join("\n")}`,
    ],
    ["an alias inside its own anchor", "data_dir: &a [*a]"],
    ["a prototype", "__proto__: { polluted: true }\nconstructor: 1\ntoString: 2\n"],
  ])("refuses %s in a sentence", (_name, text) => {
    expect(expectSentences(text)).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
