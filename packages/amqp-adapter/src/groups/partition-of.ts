/** FNV-1a, 32 bits, over UTF-16 code units (http://www.isthe.com/chongo/tech/comp/fnv/). All processes must come to the same. */
export function partitionOf(group: string, count: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < group.length; index++) {
    hash = Math.imul(hash ^ group.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % count
}
