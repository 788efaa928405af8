// What a support bundle must not hold.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hideNames, hideSecrets } from "../../src/cli/support/hide.ts";

describe("hiding secrets", () => {
  it.each([
    "PVEAPIToken=pilothouse@pve!pilothouse=5f0c7e2a-1111-4222-8333-abcdefabcdef",
    "cookie: PVE:root@pam:65F0A1B2::c2lnbmF0dXJlIG9mIGEgdGlja2V0/+=",
    '{"csrf":"65F0A1B2:c2lnbmF0dXJlIG9mIGEgdG9rZW4gb2YgcHZl"}',
    "http://127.0.0.1:7060/setup#token=abcdef0123456789",
    '{"password":"hunter22"}',
  ])("takes out what looks like a way in: %s", (text) => {
    const hidden = hideSecrets([])(text);

    expect(hidden).toContain("[redacted]");
    for (const secret of ["5f0c7e2a", "c2lnbm", "abcdef0123", "hunter22"]) expect(hidden).not.toContain(secret);
  });

  it("takes out the configured ones wherever they stand, however they are written", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40 }), fc.lorem(), (secret, around) => {
        const text = `${around}${secret}${JSON.stringify({ at: secret })}${encodeURIComponent(secret)}`;
        const hidden = hideSecrets([secret])(text);
        return "[redacted]".includes(secret) || around.includes(secret) || !hidden.includes(secret);
      }),
    );
  });
});

describe("hiding names", () => {
  const names = ["web", "web-01", "web-01.example.com", "db", "Größe"];
  const hide = hideNames(names, "salt");

  it("puts the same hash for the same name, the longest name first, and leaves other words alone", () => {
    const hidden = hide('web web-01: "db" webby web-01.example.com (web), vm-web-x, Größe');

    const [first, second, third, ...rest] = hidden.match(/guest-[0-9a-f]{8}/g) ?? [];
    expect(hidden).toContain("webby");
    expect(new Set([first, second, third]).size).toBe(3);
    expect(rest.filter((each) => each === first)).toHaveLength(2);
    for (const name of ["web-01", "db", "Größe", "example"]) expect(hidden).not.toContain(name);
  });

  it("cannot be undone by trying likely names without the bundle's own salt", () => {
    expect(hideNames(["db"], "one")("db")).not.toBe(hideNames(["db"], "two")("db"));
  });

  it("leaves no name as a word of its own, whatever the text", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{3,8}(-[a-z0-9]{1,4})?$/);
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 5 }),
        fc.array(fc.lorem({ maxCount: 1 })),
        (list, words) => {
          const text = words.flatMap((word, index) => [word, list[index % list.length] ?? ""]).join(" ");
          const left = hideNames(list, "s")(text).split(" ");
          return list.every((each) => !left.includes(each));
        },
      ),
    );
  });

  it("is quick with ten thousand names and a megabyte of text", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `guest-host-${index}`);
    const text = many
      .map((name) => `{"level":"warn","guest":"${name}","msg":"something about ${name} happened"}`)
      .join("\n");
    const begun = performance.now();

    const hidden = hideNames(many, "s")(text);

    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(hidden).not.toContain("guest-host-");
  });
});
