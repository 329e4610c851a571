/** Calls for so many items at a time, all at once, and answers by index. */
export async function inBatches<T, R>(
  items: readonly T[],
  size: number,
  call: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  if (items.length <= size) return items.length === 0 ? [] : call(items)
  const calls: Promise<readonly R[]>[] = []
  for (let from = 0; from < items.length; from += size) calls.push(call(items.slice(from, from + size)))
  return (await Promise.all(calls)).flat()
}
