// The servers of the sinks answer, take our account, and have the bucket (or let us make it).
import type { SinkConfig } from "../../config/settings.ts";
import { type Check, type Finding, fail, ok, warn } from "../doctor.ts";

const timeoutMs = 15_000;

export const sinks: Check = {
  name: "sinks",
  summary: "The sinks can be written to",
  async run({ settings }) {
    return Promise.all(settings.sinks.map(look));
  },
};

async function look(sink: SinkConfig): Promise<Finding> {
  const { lookAtInflux } = await import("../../store/index.ts");
  const { sinkSettings } = await import("../../app/sink-wiring.ts");
  const { what, trouble } = await lookAtInflux(sink.id, sinkSettings(sink).options, AbortSignal.timeout(timeoutMs));
  if (trouble !== null) return fail(sink.id, `${what}: ${trouble}`, "correct url, token, org or bucket of the sink");
  const isUnread = sink.readUrl === null && /\/insert\//.test(sink.url);
  if (isUnread) return warn(sink.id, `${what} is written to, but not read back`, "set read_url to its vmselect");
  return ok(sink.id, `${what} takes points into ${sink.bucket}`);
}
