/** Where an item sits in the one heap that holds it; -1 when none does. */
export interface Indexed {
  index: number
}

/** A binary heap that can also remove from its middle. */
export class Heap<T extends Indexed> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  /** `before`: whether `a` has to come out before `b`. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  add(item: T): void {
    item.index = this.#items.length
    this.#items.push(item)
    this.#rise(item)
  }

  remove(item: T): void {
    const last = this.#items.pop()!
    const index = item.index
    item.index = -1
    if (last === item) return
    this.#items[index] = last
    last.index = index
    this.#rise(last)
    this.#sink(last)
  }

  #rise(item: T): void {
    const items = this.#items
    let index = item.index
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = items[above]!
      if (!this.#before(item, parent)) break
      items[index] = parent
      parent.index = index
      index = above
    }
    items[index] = item
    item.index = index
  }

  #sink(item: T): void {
    const items = this.#items
    let index = item.index
    for (let below = 2 * index + 1; below < items.length; below = 2 * index + 1) {
      if (below + 1 < items.length && this.#before(items[below + 1]!, items[below]!)) below++
      const child = items[below]!
      if (!this.#before(child, item)) break
      items[index] = child
      child.index = index
      index = below
    }
    items[index] = item
    item.index = index
  }
}
