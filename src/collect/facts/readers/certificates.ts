// Certificates of a node: what they are for, and when they expire.
import { aFact } from "../../../model/facts.ts";
import { certificates as askCertificates } from "../../../pve/index.ts";
import { type FactReader, ms, orNull } from "../fact-reader.ts";

export const certificates: FactReader<"node"> = {
  name: "certificates",
  scope: "node",
  tells: ["certificate"],
  needs: [],
  async read({ pve, options }, node) {
    const { data } = await askCertificates(pve, node.name, options);
    return {
      facts: data.rows.map((row, number) =>
        aFact("certificate", node.id, row.filename ?? `#${number}`, {
          file: orNull(row.filename),
          issued_to: orNull(row.subject),
          issuer: orNull(row.issuer),
          expires_at: ms(row.notAfterS),
          fingerprint: orNull(row.fingerprint),
        }),
      ),
    };
  },
};
