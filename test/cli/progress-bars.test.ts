import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { ProcessEdge } from "../../src/cli/command.ts";
import { type ProgressJob, progressLine, showBars } from "../../src/cli/progress-bars.ts";

const job = (done: number, state = "running"): ProgressJob => ({
  id: "import/lab",
  summary: "Imports Proxmox VE's own history",
  state,
  last_result: state === "done" ? "20 of 20 histories are read." : null,
  progress: { done, total: 20, requests: 2 * done, remaining_ms: 240_000 },
});

describe("progress for people", () => {
  it("is one line per job, with what is left", () => {
    expect(progressLine(job(5))).toBe("import/lab  25 %  5 of 20 · 10 requests · about 4 min left");
    expect(progressLine(job(20, "done"))).toBe("import/lab  100 %  20 of 20 histories are read.");
    expect(progressLine(job(5, "waiting"))).toContain("waits, because the cluster answers slowly");
  });

  it("is drawn until nothing runs any more, also where no terminal is", async () => {
    let written = "";
    const stderr = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written += chunk.toString();
        done();
      },
    });
    const answers = [job(5), job(20, "done")];
    let asked = 0;

    await showBars(() => Promise.resolve([answers[Math.min(asked++, 1)] as ProgressJob]), {
      stderr,
    } as unknown as ProcessEdge);

    expect(asked).toBe(2);
    expect(written).toContain("import/lab");
    expect(written).toContain("100 %");
  });
});
