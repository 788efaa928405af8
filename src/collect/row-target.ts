// The rows of one batch while it is being gathered: one builder per kind, and what of it is progress.
import { type Batch, type Block, BlockBuilder } from "../model/batch.ts";
import type { ClusterId, EntityKind } from "../model/ids.ts";

export class RowTarget {
  readonly #builders = new Map<EntityKind, BlockBuilder>();
  readonly marks: Record<string, number> = {};

  builder(kind: EntityKind): BlockBuilder {
    const known = this.#builders.get(kind);
    if (known !== undefined) return known;
    const builder = new BlockBuilder(kind);
    this.#builders.set(kind, builder);
    return builder;
  }

  get rows(): number {
    let rows = 0;
    for (const builder of this.#builders.values()) rows += builder.length;
    return rows;
  }

  batch(batchId: string, cluster: ClusterId, source: string): Batch {
    const blocks: Block[] = [...this.#builders.values()]
      .filter((builder) => builder.length > 0)
      .map((builder) => builder.build());
    return { batchId, cluster, source, blocks, marks: { ...this.marks } };
  }
}
