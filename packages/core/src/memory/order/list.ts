/** A link of at most one list at a time. */
export interface Link<T extends Link<T>> {
  previous: T | undefined
  next: T | undefined
  list: List<T> | undefined
}

/** A first-in, first-out list that goes through its items, so that adding and removing anywhere cost the same: next to nothing. */
export class List<T extends Link<T>> {
  head: T | undefined = undefined
  tail: T | undefined = undefined

  append(item: T): void {
    item.list = this
    item.previous = this.tail
    if (this.tail === undefined) this.head = item
    else this.tail.next = item
    this.tail = item
  }

  /** Puts `item` right behind `senior`, or first. */
  insertAfter(senior: T | undefined, item: T): void {
    const junior = senior === undefined ? this.head : senior.next
    if (junior === undefined) return this.append(item)
    item.list = this
    item.previous = senior
    item.next = junior
    junior.previous = item
    if (senior === undefined) this.head = item
    else senior.next = item
  }

  remove(item: T): void {
    if (item.previous === undefined) this.head = item.next
    else item.previous.next = item.next
    if (item.next === undefined) this.tail = item.previous
    else item.next.previous = item.previous
    item.previous = undefined
    item.next = undefined
    item.list = undefined
  }
}
