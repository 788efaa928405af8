// What every route's description says about its errors.
import { ProblemDetails } from "./problem-details.ts";

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: ProblemDetails } },
});

export const errorAnswers = {
  "4xx": problem("The request cannot be answered as asked"),
  "5xx": problem("Something is not working inside"),
} as const;
