/** A number of pods, or a share of them. */
export function amountOf(
  amount: number | string,
  of: number,
  round: (amount: number) => number,
): number {
  return typeof amount === 'number' ? amount : round((Number.parseFloat(amount) * of) / 100);
}
