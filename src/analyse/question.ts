// A question is analysis that somebody waits for: its answer depends on what they ask and is not kept.
import type { z } from "zod";
import { InputError } from "../lib/errors.ts";
import type { AnalysisContext } from "./context.ts";

export interface Question {
  /** `what-if`; how the API names it to the analysis thread. */
  readonly id: string;
  /** Throws an InputError when the input is not what the question takes. */
  answer(context: AnalysisContext, input: unknown): Promise<unknown>;
}

/** The input is checked by its schema before `answer` sees it. */
export function defineQuestion<Input extends z.ZodType>(question: {
  readonly id: string;
  readonly input: Input;
  answer(context: AnalysisContext, input: z.infer<Input>): Promise<unknown>;
}): Question {
  return {
    id: question.id,
    answer: async (context, input) => {
      const parsed = question.input.safeParse(input);
      if (parsed.success) return question.answer(context, parsed.data);
      const issues = parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join("/")}`, message }));
      throw new InputError(issues.map(({ pointer, message }) => `${pointer}: ${message}`).join("; "), issues);
    },
  };
}
