// Rows from the command line into the store of a running service: an import appends batches as the collector does.
import { StoreError } from "../lib/errors.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import type { MetricsStore } from "../model/store.ts";
import type { ControlMethods } from "./control.ts";

/** `append` takes an encoded batch in base64 and answers when it is durable; `marks` gives a cluster's marks. */
export const appendMethods = (store: Pick<MetricsStore, "append" | "marks">): ControlMethods => ({
  append: async (params) => {
    const bytes = Uint8Array.from(Buffer.from(String(params["batch"]), "base64"));
    await store.append(decoded(bytes.buffer));
    return null;
  },
  marks: async (params) => store.marks(String(params["cluster"])),
});

function decoded(buffer: ArrayBuffer): ReturnType<typeof decodeBatch> {
  try {
    return decodeBatch(buffer);
  } catch (error) {
    throw new StoreError("That is no batch of this release.", { cause: error });
  }
}
