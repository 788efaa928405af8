// Ends an appender whose transaction has failed.
import type { DuckDBAppender } from "@duckdb/node-api";

/** Without it the rows of the failed transaction would be written when the appender is closed. */
export function discardRows(appender: DuckDBAppender): void {
  try {
    appender.clear();
    appender.closeSync();
  } catch {
    // An appender that has failed cannot be used or closed again; it holds no rows any more.
  }
}
