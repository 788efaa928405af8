// The port of analysis for a server that has none behind it.
import { NotFoundError } from "../../src/lib/errors.ts";
import type { AnalysisPort } from "../../src/model/analysis.ts";

export const nothingAsked = "There is no analysis here.";

const none = (): Promise<never> => Promise.reject(new NotFoundError(nothingAsked));

export const noAnalysis: AnalysisPort = {
  documents: { list: () => Promise.resolve([]) },
  ask: none,
  run: () => false,
  keep: none,
  remove: () => Promise.resolve(false),
};
