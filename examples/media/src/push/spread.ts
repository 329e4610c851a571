export interface Mixture {
  readonly items: number
  readonly videos: number
  readonly damaged: number
}

/** What each item is to be: videos and damaged images stand evenly among the good ones. */
export function spread({ items, videos, damaged }: Mixture): readonly ('image' | 'video' | 'damaged')[] {
  const others = items - videos
  return Array.from({ length: items }, (_, index) => {
    const before = partOf(videos, index, items)
    if (partOf(videos, index + 1, items) > before) return 'video'
    const other = index - before
    return partOf(damaged, other + 1, others) > partOf(damaged, other, others) ? 'damaged' : 'image'
  })
}

/** How many of `count` have come when `index` of `of` have. */
function partOf(count: number, index: number, of: number): number {
  return of === 0 ? 0 : Math.floor((index * count) / of)
}
