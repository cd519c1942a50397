/** Of an even number the lower of the two in the middle, so that half of those who say something cannot raise it; 0 of none. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
