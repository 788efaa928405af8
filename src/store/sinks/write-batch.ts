// Writes one batch into a sink. When the sink calls it malformed, it is halved until the row that cannot be taken is
// alone: everything else arrives.
import { SinkError } from "../../lib/errors.ts";
import { type Batch, rowCount } from "../../model/batch.ts";
import type { Rejection, Sink } from "../../model/sink.ts";
import { type DeadlineParts, withDeadline } from "./deadline.ts";
import { partOf } from "./split-batch.ts";

/** More bad rows than this in one batch are no accident of a row: then the schema does not fit, and a person decides. */
const maxPoison = 50;

/** Resolves with the rows that the sink will never take. Throws a SinkError of refusal "passing" or "person". */
export async function writeBatch(sink: Sink, batch: Batch, deadline: DeadlineParts): Promise<readonly Rejection[]> {
  const poison: Rejection[] = [];
  await writePart({ sink, deadline, whole: batch, poison }, batch, 0);
  return poison;
}

interface Work {
  readonly sink: Sink;
  readonly deadline: DeadlineParts;
  readonly whole: Batch;
  readonly poison: Rejection[];
}

async function writePart(work: Work, part: Batch, firstRow: number): Promise<void> {
  const rows = rowCount(part);
  const malformed = await tryWrite(work, part, firstRow);
  if (malformed === undefined || rows === 0) return;
  if (rows === 1) {
    work.poison.push({ row: firstRow, reason: malformed.message });
    if (work.poison.length > maxPoison) throw tooMuchPoison(malformed);
    return;
  }
  const middle = firstRow + (rows >> 1);
  await writePart(work, partOf(work.whole, firstRow, middle), firstRow);
  await writePart(work, partOf(work.whole, middle, firstRow + rows), middle);
}

/** The error when the sink calls the part malformed; undefined when it took it. */
async function tryWrite(
  { sink, deadline, poison }: Work,
  part: Batch,
  firstRow: number,
): Promise<SinkError | undefined> {
  try {
    const { rejected } = await withDeadline(deadline, async (signal) => sink.write(part, signal));
    poison.push(...rejected.map(({ row, reason }) => ({ row: firstRow + row, reason })));
    return undefined;
  } catch (error) {
    if (error instanceof SinkError && error.refusal === "malformed") return error;
    throw error;
  }
}

const tooMuchPoison = (error: SinkError): SinkError =>
  new SinkError(
    `It refuses more than ${maxPoison} rows of one batch, so its schema does not fit: ${error.message}`,
    "person",
    {
      cause: error,
    },
  );
