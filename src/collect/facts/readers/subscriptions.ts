// The subscription of a node, without its key.
import { aFact } from "../../../model/facts.ts";
import { subscription } from "../../../pve/index.ts";
import { type FactReader, ms, orNull } from "../fact-reader.ts";

export const subscriptions: FactReader<"node"> = {
  name: "subscriptions",
  scope: "node",
  tells: ["subscription"],
  needs: [],
  async read({ pve, options }, node) {
    const { data } = await subscription(pve, node.name, options);
    const fields = {
      status: orNull(data.status),
      product: orNull(data.product),
      level: orNull(data.level),
      sockets: orNull(data.sockets),
      next_due: orNull(data.nextDue),
      message: orNull(data.message),
      checked_at: ms(data.checkedAtS),
    };
    return { facts: [aFact("subscription", node.id, "", fields)] };
  },
};
