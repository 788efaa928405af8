// Whether the caller would rather have CSV than JSON.
import type { FastifyRequest } from "fastify";

export function acceptsCsv(request: FastifyRequest): boolean {
  const weights = { csv: 0, json: 0 };
  for (const offer of (request.headers.accept ?? "*/*").split(",")) {
    const [type = "", ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
    if (type === "text/csv") weights.csv = weight;
    else if (type === "application/json" || type === "*/*") weights.json = Math.max(weights.json, weight);
  }
  return weights.csv > 0 && weights.csv >= weights.json;
}
