// A query parameter that takes several values: repeated, or with commas.
import { z } from "zod";

/** Each value once, empty ones left out. `maxLength` bounds the text of one occurrence. */
export function many(description: string, maxLength = 2_000) {
  const text = z.string().max(maxLength);
  return z
    .union([text, z.array(text).max(1_000)])
    .transform((given) => [
      ...new Set(
        [given]
          .flat()
          .flatMap((part) => part.split(","))
          .filter((part) => part !== ""),
      ),
    ])
    .describe(`${description} (repeat it or separate by commas)`);
}
