// A whole query, statement by statement. All of it is understood before any of it is run.
import { type Answer, answerOf, selectSeries, timeTextOf } from "./answer.ts";
import { parseQuery } from "./parse.ts";
import { runSelect, type SelectContext } from "./run-select.ts";
import { runShow } from "./run-show.ts";

/** Throws an InputError for what is not understood and a LimitError for what is too much. */
export async function runQuery(
  query: string,
  epoch: string | undefined,
  context: SelectContext,
): Promise<{ readonly results: readonly Answer[] }> {
  const timeText = timeTextOf(epoch);
  const results: Answer[] = [];
  for (const [id, statement] of parseQuery(query, context.nowMs).entries()) {
    if (statement.type !== "select") {
      results.push(answerOf(id, await runShow(statement, context, context.nowMs)));
      continue;
    }
    const result = await runSelect(statement, context);
    results.push(answerOf(id, selectSeries(statement, result, timeText), result.notes));
  }
  return { results };
}
