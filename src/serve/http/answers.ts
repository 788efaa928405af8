// What routes have in common: how their descriptions tell of errors and of tables.
import { z } from "zod";
import { ProblemDetails } from "./problem-details.ts";

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: ProblemDetails } },
});

export const errorAnswers = {
  "4xx": problem("The request cannot be answered as asked"),
  "5xx": problem("Something is not working inside"),
} as const;

/** An answer that also comes as a table, with `Accept: text/csv`. */
export const jsonOrCsv = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema }, "text/csv": { schema: z.string() } },
});
