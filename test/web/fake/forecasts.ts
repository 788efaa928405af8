// Answers /api/v1/forecasts/series with the day of the invented curves going on; network traffic has too little history.
const hourMs = 3_600_000;

const sizes: readonly (readonly [RegExp, number])[] = [
  [/_ratio$/, 1],
  [/_percent$/, 30],
  [/_bytes$/, 16 * 2 ** 30],
];

export function answerForecast(query: URLSearchParams, nowMs: number): object {
  const [id = "", field = "", outlook = "month"] = ["id", "field", "outlook"].map(
    (name) => query.get(name) ?? undefined,
  );
  const stepMs = outlook === "month" ? hourMs : 24 * hourMs;
  const about = { id, field, outlook, from: Math.floor(nowMs / stepMs) * stepMs, step_seconds: stepMs / 1000 };
  if (field.endsWith("_per_second"))
    return { ...about, ...none, code: "too_short", reason: "needs 14 days, has 3 days", mean: [], bands: [] };
  const size = sizes.find(([pattern]) => pattern.test(field))?.[1] ?? 8;
  const steps = outlook === "month" ? 720 : 183;
  const mean = Array.from({ length: steps }, (_, step) => size * (0.4 + 0.2 * Math.sin((step / 24) * 2 * Math.PI)));
  const band = (level: number, width: number): object => ({
    level,
    lower: mean.map((value, step) => Math.max(0, value - size * width * (1 + step / 300))),
    upper: mean.map((value, step) => value + size * width * (1 + step / 300)),
  });
  return {
    ...about,
    ...none,
    state: "forecast",
    mean,
    bands: [band(0.8, 0.06), band(0.95, 0.12)],
    error: 0.05 * size,
    naive_error: 0.08 * size,
    naive: "naive-24",
    trials: 6,
    better: 5,
    coverage_ratio: 0.94,
  };
}

const none = {
  state: "none",
  code: null,
  reason: null,
  error: null,
  naive_error: null,
  naive: null,
  trials: null,
  better: null,
  coverage_ratio: null,
  last_shift_at: null,
};
