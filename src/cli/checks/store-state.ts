// What the running service's store says: samples reach the disk.
import { type Check, fail, ok, warn } from "../doctor.ts";

export const storeState: Check = {
  name: "store",
  summary: "Samples reach the disk",
  async run({ serviceStatus, settings: { dataDir } }) {
    const status = await serviceStatus().catch(() => null);
    const store = status?.["store"] as Readonly<Record<string, unknown>> | undefined;
    if (store === undefined) return [];
    const writeError = store["write_error"];
    if (typeof writeError === "string")
      return [fail("", writeError, `make room on the disk of ${dataDir}, or check its rights`)];
    if (store["degraded"] === true) return [warn("", "a damaged database is being rebuilt", "wait; it ends by itself")];
    const dropped = Number(store["batches_dropped"] ?? 0);
    if (dropped > 0)
      return [warn("", `${dropped} batches were lost because the journal was full`, "raise store.journal_max_size")];
    return [
      ok(
        "",
        `${Number(store["rows_written"] ?? 0)} rows written, ${Number(store["batches_pending"] ?? 0)} batches waiting`,
      ),
    ];
  },
};
