import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/lib/errors.ts";
import { patternTest } from "../../../src/serve/influxql/pattern.ts";

const runs = Number(process.env["FUZZ_RUNS"] ?? 300);

const matches = (pattern: string, value: string): boolean => patternTest(pattern)(value);

/** Patterns of what is understood, from small parts. */
const { pattern } = fc.letrec<{ pattern: string; sequence: string; atom: string }>((tie) => ({
  pattern: fc.oneof(
    { weight: 3, arbitrary: tie("sequence") },
    fc.tuple(tie("sequence"), tie("sequence")).map(([a, b]) => `${a}|${b}`),
  ),
  sequence: fc
    .array(fc.tuple(tie("atom"), fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?")), {
      maxLength: 4,
    })
    .map((parts) => parts.map(([atom, repeat]) => `${atom}${repeat}`).join("")),
  atom: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("a", "b", "1", ".", "[ab]", "[^a]", "[a-c1]", "\\.", "\\d", "\\w", "\\-", "(?:ab|b)"),
    fc.constantFrom("a", "b"),
    tie("pattern").map((inner) => `(${inner})`),
  ),
}));

describe("a pattern", () => {
  it("of a variable with one, several and all values matches these", () => {
    expect(matches("^pve1$", "pve1")).toBe(true);
    expect(matches("^pve1$", "pve10")).toBe(false);
    expect(matches("^(pve1|pve\\-2)$", "pve-2")).toBe(true);
    expect(matches("^(pve1|pve\\-2)$", "pve1|pve-2")).toBe(false);
    expect(matches("^.*$", "")).toBe(true);
    expect(matches("(?i)^PVE", "pve1")).toBe(true);
    expect(matches("^(a)$", "a")).toBe(true);
    expect(matches("^$", "")).toBe(true);
    expect(matches("^a|b$", "ax")).toBe(true);
  });

  it("means what JavaScript takes it for", () => {
    const values = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", ".", "-"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, fc.constantFrom("", "^"), fc.constantFrom("", "$"), values, (source, begin, end, value) => {
        const whole = `${begin}(${source})${end}`;
        expect(matches(whole, value), `/${whole}/ on ${JSON.stringify(value)}`).toBe(new RegExp(whole).test(value));
      }),
      { numRuns: runs },
    );
  });

  it("that JavaScript would try for hours is answered by counting steps, not by trying all ways", () => {
    const value = `${"a".repeat(200)}!`;

    expect(matches("^(a+)+$", value)).toBe(false);
    expect(matches("^(a|a)*$", value)).toBe(false);
    expect(matches("(.*)*(.*)*x", value)).toBe(false);
  });

  it("that is not understood or too large is refused with a sentence", () => {
    for (const bad of ["(a", "a)", "*a", "a**", "[a", "\\", "(?=a)", "(?<n>a)", "\\1", "\\b", "a{500}", "[b-a]"])
      expect(() => patternTest(`${bad}x*`), bad).toThrow(InputError);
    expect(() => patternTest("((a{90}){90}){90}")).toThrow(InputError);
  });

  it("of any text is a test or an InputError", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 20 }), (source, value) => {
        try {
          expect(typeof matches(source, value)).toBe("boolean");
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: runs },
    );
  });
});
