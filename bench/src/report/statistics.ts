/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = sort(values)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest value that at least this part of the values does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = sort(values)
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]!
}

/** How far the values lie apart: half of the range, as a part of the median. */
export function spread(values: readonly number[]): number {
  const sorted = sort(values)
  const range = sorted.at(-1)! - sorted[0]!
  // Nothing at all each time is no spread.
  return range === 0 ? 0 : range / 2 / median(sorted)
}

function sort(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('no values')
  return values.toSorted((a, b) => a - b)
}
