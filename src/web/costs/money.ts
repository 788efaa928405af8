// Money as people read it, always with its currency.

/** `1,402.10 EUR`; the currency's own digits. */
export const formatMoney = (amount: number, currency: string, digits: number): string =>
  `${formatAmount(amount, digits)} ${currency}`;

export const formatAmount = (amount: number, digits: number): string =>
  amount.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Tiles have room for whole units from a thousand on. */
export const formatRound = (amount: number, digits: number): string =>
  formatAmount(amount, Math.abs(amount) >= 1000 ? 0 : digits);

/** `+12%`, `−3%`. */
export function formatVariance(ratio: number): string {
  const percent = Math.round(Math.abs(ratio) * 100);
  return `${ratio < 0 ? "−" : "+"}${percent}%`;
}
