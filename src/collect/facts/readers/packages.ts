// Installed Proxmox packages, one fact each, so that their history is the history of upgrades.
import { aFact } from "../../../model/facts.ts";
import { packages as askPackages } from "../../../pve/index.ts";
import { type FactReader, orNull } from "../fact-reader.ts";

export const packages: FactReader<"node"> = {
  name: "packages",
  scope: "node",
  tells: ["package"],
  needs: ["Sys.Audit"],
  hints: /^aptupdate$/,
  async read({ pve, options }, node) {
    const { data } = await askPackages(pve, node.name, options);
    return {
      facts: data.rows.map((row) =>
        aFact("package", node.id, row.package, {
          package: row.package,
          version: orNull(row.version),
          state: orNull(row.state),
          running: orNull(row.running),
        }),
      ),
    };
  },
};
