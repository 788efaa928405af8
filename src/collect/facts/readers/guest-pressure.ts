// Pressure (PSI) and memory cost of guests, from PVE 9's RRD.
import type { FactReader } from "../fact-reader.ts";
import { pressureRows } from "../pressure-rows.ts";

export const guestPressure: FactReader<"guest"> = {
  name: "guest_pressure",
  scope: "guest",
  tells: [],
  needs: ["VM.Audit"],
  releases: ({ pressure }) => pressure,
  concerns: ({ template, status }) => !template && status !== "stopped",
  read: async (context, guest) => ({
    rows: await pressureRows(context, {
      kind: "guest",
      id: guest.id,
      where: { node: guest.node, guest: { type: guest.type, vmid: guest.vmid } },
    }),
  }),
};
