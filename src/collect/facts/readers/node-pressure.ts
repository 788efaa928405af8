// Pressure (PSI), ARC and available memory of nodes: PVE 9 keeps them in its RRD, and the export does not carry them.
import type { FactReader } from "../fact-reader.ts";
import { pressureRows } from "../pressure-rows.ts";

export const nodePressure: FactReader<"node"> = {
  name: "node_pressure",
  scope: "node",
  tells: [],
  needs: ["Sys.Audit"],
  releases: ({ pressure }) => pressure,
  read: async (context, node) => ({
    rows: await pressureRows(context, { kind: "node", id: node.id, where: { node: node.name } }),
  }),
};
