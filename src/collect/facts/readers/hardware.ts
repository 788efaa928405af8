// Processors, memory, kernel and what KSM saves.
import { aFact } from "../../../model/facts.ts";
import { nodeStatus } from "../../../pve/index.ts";
import { type FactReader, orNull } from "../fact-reader.ts";

export const hardware: FactReader<"node"> = {
  name: "hardware",
  scope: "node",
  tells: ["hardware"],
  needs: ["Sys.Audit"],
  async read({ pve, options, now, everyS }, node) {
    const { data } = await nodeStatus(pve, node.name, options);
    const fields = {
      cpu_model: orNull(data.cpuModel),
      cpu_sockets: orNull(data.sockets),
      cpu_cores: orNull(data.cores),
      cpu_threads: orNull(data.cpus),
      memory_bytes: orNull(data.memory.total),
      pve_version: orNull(data.version),
      kernel: orNull(data.kernel),
      boot_mode: orNull(data.bootMode),
      ksm_shared_bytes: orNull(data.ksmSharedBytes),
    };
    const values = { ksm_shared_bytes: data.ksmSharedBytes };
    return {
      facts: [aFact("hardware", node.id, "", fields)],
      rows: [{ kind: "node", id: node.id, ts: now, stepS: everyS, origin: "fact", node: node.name, values }],
    };
  },
};
