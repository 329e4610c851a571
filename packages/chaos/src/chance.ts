import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Everything that a run decides by chance, from its seed. What the machine makes of it is another matter. */
export class Chance {
  readonly #generator: ReturnType<typeof xoroshiro128plus>

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
    // Neighbouring seeds begin alike.
    for (let skipped = 0; skipped < 8; skipped++) this.#generator.next()
  }

  /** From 0 to below 1. */
  readonly next = (): number => (this.#generator.next() >>> 0) / 0x1_0000_0000

  /** A number between the two. */
  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.next() * items.length)]
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, order: this.next() }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ item }) => item)
  }
}
