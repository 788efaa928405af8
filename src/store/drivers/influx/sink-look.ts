// A look at the server of a sink, for doctor: can it be reached, what is it, does it take our account and our bucket.
import { SinkError } from "../../../lib/errors.ts";
import { makeBucket } from "./bucket-setup.ts";
import { influxOptionsOf } from "./influx-options.ts";
import { InfluxServer } from "./influx-server.ts";
import { LineWriter } from "./line-writer.ts";

export interface SinkLook {
  /** "InfluxDB 2.7.11", "VictoriaMetrics". */
  readonly what: string;
  /** Null when everything is well; else what is in the way, in one sentence. */
  readonly trouble: string | null;
}

/** Writes no point: a body without lines is judged by account and bucket only. Throws nothing. */
export async function lookAtInflux(
  name: string,
  options: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<SinkLook> {
  const server = new InfluxServer(influxOptionsOf(name, options));
  let what = server.options.url;
  try {
    const { edition, version } = await server.identity(signal);
    what = edition === "victoria-metrics" ? "VictoriaMetrics" : `InfluxDB ${version === "" ? edition : version}`;
    return { what, trouble: await troubleOf(server, signal) };
  } catch (error) {
    if (error instanceof SinkError) return { what, trouble: error.message };
    throw error;
  } finally {
    await server.close();
  }
}

async function troubleOf(server: InfluxServer, signal: AbortSignal): Promise<string | null> {
  const { edition } = await server.identity(signal);
  const writer = new LineWriter(server, edition);
  try {
    await writer.send("# pilothouse doctor\n", signal);
    return null;
  } catch (error) {
    if (!(error instanceof SinkError)) throw error;
    // No line, no fault: a server that calls the empty body malformed has let us in.
    if (error.refusal === "malformed") return null;
    if (!error.message.startsWith("404") || !server.options.create) return error.message;
    await makeBucket(server, signal);
    return null;
  } finally {
    writer.close();
  }
}
