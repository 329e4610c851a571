import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/** Everything that happens by chance in a simulation comes from one of these, so a seed tells the whole story. */
export class Chance {
  readonly #generator: RandomGenerator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
    // Neighbouring seeds begin alike.
    for (let skipped = 0; skipped < 8; skipped++) this.#generator.next()
  }

  /** A source of its own: what is drawn from it does not shift what is drawn here. */
  fork(): Chance {
    return new Chance(this.#generator.next())
  }

  /** From 0 to below 1. */
  readonly next = (): number => (this.#generator.next() >>> 0) / 0x1_0000_0000

  /** An integer, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** True with a probability. */
  is(probability: number): boolean {
    return this.next() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.next() * items.length)]!
  }

  /** An item, each with its weight. */
  weighted<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let left = this.next() * items.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, item] of items) {
      left -= weight
      if (left < 0) return item
    }
    return items.at(-1)![1]
  }
}
