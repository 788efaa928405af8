import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSimulated, spreadMs } from "./read-simulated.ts";

describe("slow facts of a simulated cluster", () => {
  let read: Awaited<ReturnType<typeof readSimulated>>;
  beforeAll(async () => {
    read = await readSimulated({ simulator: { nodes: 5, guests: 16 } });
    await read.pass(spreadMs);
  }, 60_000);
  afterAll(() => read.stop());

  it("prints", async () => {
    const by = new Map<string, string>();
    for (const r of read.readings) by.set(`${r.reader}`, `${r.error ?? "ok"} ${r.facts.length}`);
    console.log([...by].map(([a, b]) => `${a}: ${b}`).join("\n"));
    console.log(read.jobs.at(-1));
    console.log(
      JSON.stringify(
        read.readings
          .filter((r) => r.facts.length > 0)
          .map((r) => r.facts[0])
          .filter((f, i, all) => all.findIndex((o) => o?.kind === f?.kind) === i),
        null,
        1,
      ).slice(0, 9000),
    );
    console.log(
      read.fleet
        .problems()
        .map((p) => p.message)
        .join("\n"),
    );
    expect(read.readings.length).toBeGreaterThan(0);
  });
});
