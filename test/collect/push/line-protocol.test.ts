import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LinePoint, readLines } from "../../../src/collect/push/line-protocol.ts";
import type { PushPrecision } from "../../../src/model/push.ts";

const t0 = 1_760_000_000;

function read(text: string, precision: PushPrecision = "ns") {
  const points: LinePoint[] = [];
  const result = readLines(text, precision, (point) => points.push(point));
  return { points, ...result };
}

describe("line protocol", () => {
  it("is read as Proxmox VE's InfluxDB plugin writes it", () => {
    const { points, refused } = read(
      [
        `cpustat,object=nodes,host=pve1 avg1=0.5,cpu=1.5e-05,cpus=8 ${t0}000000000`,
        `system,object=qemu,vmid=100,nodename=pve1,host=my\\ vm name="my \\"vm\\"",status="running",uptime=+5 ${t0}000000000`,
        "",
      ].join("\n"),
    );

    expect(refused).toBe(0);
    expect(points[0]).toMatchObject({ measurement: "cpustat", ts: t0 * 1000 });
    expect(Object.fromEntries(points[0]?.fields ?? [])).toEqual({ avg1: 0.5, cpu: 1.5e-5, cpus: 8 });
    expect(points[1]?.tags.get("host")).toBe("my vm");
    expect(Object.fromEntries(points[1]?.fields ?? [])).toEqual({ name: 'my "vm"', status: "running", uptime: 5 });
  });

  it.each([
    ["s", `${t0}`],
    ["ms", `${t0}000`],
    ["us", `${t0}000000`],
    ["ns", `${t0}000000000`],
  ] as const)("honours the precision %s", (precision, time) => {
    expect(read(`m f=1 ${time}`, precision).points[0]?.ts).toBe(t0 * 1000);
  });

  it.each([
    [",a=b f=1 1", "the measurement's name is missing"],
    ["m,a f=1 1", 'tag "a" has no value'],
    ["m,a= f=1 1", 'tag "a" has no value'],
    ["m", "the fields are missing"],
    [`m f ${t0}`, 'field "f" has no value'],
    [`m f= ${t0}`, 'the value of field "f" is no number, text or boolean'],
    [`m f=NaN ${t0}`, 'the value of field "f" is no number, text or boolean'],
    [`m f=1e999 ${t0}`, 'the value of field "f" is no number, text or boolean'],
    [`m f="open ${t0}`, 'the value of field "f" is no number, text or boolean'],
    ["m f=1", "the time is missing"],
    [`m f=1 ${t0}`, `"${t0}" is no time in ns`],
    ["m f=1 9999999999999999999", '"9999999999999999999" is no time in ns'],
    ["m f=1 soon", '"soon" is no time in ns'],
    [`m f="${"x".repeat(70_000)}" 1`, "it is longer than 65536 characters"],
  ])("says what is wrong with %j", (line, fault) => {
    const { firstFault, refused, points } = read(`m f=1 ${t0}000000000\n# a comment\n\n${line}\nm f=2 ${t0}000000000`);

    expect(firstFault).toBe(`Line 4: ${fault}.`);
    expect(refused).toBe(1);
    // The lines around it are good.
    expect(points.map(({ fields }) => fields.get("f"))).toEqual([1, 2]);
  });

  it("reads back whatever is written with its escapes", () => {
    const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => /^[^\\\r\n"#]+$/.test(text));
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
      fc.boolean(),
      fc.string({ maxLength: 30 }).filter((text) => !/[\r\n]/.test(text)),
    );
    const escaped = (text: string): string => text.replaceAll(/[,= \t]/g, "\\$&");
    const written = (field: number | boolean | string): string =>
      typeof field === "string" ? `"${field.replaceAll(/["\\]/g, "\\$&")}"` : String(field);

    fc.assert(
      fc.property(
        name,
        fc.dictionary(name, name, { maxKeys: 5, noNullPrototype: true }),
        fc.dictionary(name, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
        (measurement, tags, fields) => {
          const tagText = Object.entries(tags).map(([key, tag]) => `,${escaped(key)}=${escaped(tag)}`);
          const fieldText = Object.entries(fields).map(([key, field]) => `${escaped(key)}=${written(field)}`);
          const { points, firstFault } = read(
            `${escaped(measurement)}${tagText.join("")} ${fieldText.join(",")} ${t0}`,
            "s",
          );

          expect(firstFault).toBeNull();
          expect(points[0]?.measurement).toBe(measurement);
          expect(points[0]?.tags).toEqual(new Map(Object.entries(tags)));
          expect(points[0]?.fields).toEqual(new Map(Object.entries(fields)));
        },
      ),
    );
  });

  it("takes any text without failing, and answers for every line", () => {
    const scrap = fc.constantFrom(
      "m",
      ",",
      "=",
      " ",
      '"',
      "\\",
      "\n",
      "\r",
      "1",
      "i",
      `${t0}`,
      "t",
      "#",
      "ü",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 80 }), (scraps) => {
        const text = scraps.join("");
        const { points, lines, refused } = read(text, "s");
        expect(points.length + refused).toBe(lines);
        expect(lines).toBeLessThanOrEqual(text.split("\n").length);
      }),
      { numRuns: 2_000 },
    );
  });
});
