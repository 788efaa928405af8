// Money without remainders: amounts are rounded so that parts add up to what was split.

/** Millionths of a currency unit. */
export const microsPerUnit = 1_000_000;

export const toMicros = (amount: number): number => Math.round(amount * microsPerUnit);

/** Digits after the point that the currency has: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

/**
 * Whole numbers that add up to `total` exactly, each within one of its exact part (largest remainder). `parts` need not
 * add up to `total`: they are scaled to it. With nothing to split by, the last part gets everything.
 */
export function apportion(total: number, parts: readonly number[]): number[] {
  if (parts.length === 0) return [];
  const sum = parts.reduce((all, part) => all + part, 0);
  if (sum <= 0) return parts.map((_, index) => (index === parts.length - 1 ? total : 0));
  const exact = parts.map((part) => (part / sum) * total);
  const whole = exact.map(Math.floor);
  const missing = total - whole.reduce((all, part) => all + part, 0);
  const order = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  // Of sums above 2^53 / 100 the floors may pass the total by one: then the smallest remainder gives it back.
  for (let k = 0; k < Math.abs(missing); k++) {
    const index = order.at(missing > 0 ? k % order.length : -1 - (k % order.length))?.index ?? 0;
    whole[index] = (whole[index] ?? 0) + Math.sign(missing);
  }
  return whole;
}

/** Amounts of the currency's smallest coin that add up to the rounded total: what a table shows. */
export function inCoins(
  micros: readonly number[],
  digits: number,
): { readonly parts: number[]; readonly total: number } {
  const perCoin = microsPerUnit / 10 ** digits;
  const total = Math.round(micros.reduce((all, part) => all + part, 0) / perCoin);
  return { parts: apportion(total, micros), total };
}

/** A number with the currency's digits, without the noise of binary fractions. */
export const coinsToAmount = (coins: number, digits: number): number => Number((coins / 10 ** digits).toFixed(digits));

export const microsToAmount = (micros: number, digits: number): number =>
  Number((micros / microsPerUnit).toFixed(digits));
