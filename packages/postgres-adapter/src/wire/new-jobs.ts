import { keepShape, type Enqueued, type NewJob } from '@jobport/core/adapter'
import { duration } from '../limits.ts'
import { plainArray, textArray } from './array.ts'
import { extraOf, storedKey } from './extra.ts'
import type { keysInBinary } from './binary-keys.ts'
import { isKey, keyOf, keysAsText } from './key.ts'

export type Value = string | number | boolean | Buffer | null

/** Number of the name of a job in its queue. */
export type KindOf = (job: NewJob) => number

/** The last ten arguments of `conclude` and `cancel`. */
export function newJobValues(jobs: readonly NewJob[], kindOf: KindOf): Value[] {
  const columns = columnsOf(jobs, kindOf)
  return [`{${keysAsText(columns.keys)}}`, ...columns.others()]
}

/** The arguments of `enqueue_jobs`. Keys and payloads go as one value each, which needs no quoting, with what separates the payloads as an argument more. */
export function enqueueValues(
  jobs: readonly NewJob[],
  kindOf: KindOf,
  encodeKeys: typeof keysAsText | typeof keysInBinary = keysAsText,
): Value[] {
  const columns = columnsOf(jobs, kindOf)
  const separator = columns.separator()
  return [encodeKeys(columns.keys), ...columns.others(separator), String(columns.areAscending), separator]
}

function columnsOf(jobs: readonly NewJob[], kindOf: KindOf): Columns {
  const columns = new Columns()
  for (const job of jobs) columns.add(job, kindOf(job))
  return columns
}

/** JSON has no control characters. */
const SEPARATOR = '\u001f'

/** Ten nulls: no jobs. */
export const NO_JOBS: readonly Value[] = Array.from({ length: 10 }, () => null)

/** Jobs by column. What no job has is null instead of an array of nulls. */
class Columns {
  readonly #keys: string[] = []
  readonly #kinds: number[] = []
  readonly #payloads: string[] = []
  #areAscending = true
  #oneKind = true
  readonly #extras = new Sparse<string>()
  readonly #ranks = new Sparse<number>()
  readonly #delays = new Sparse<number>()
  readonly #groups = new Sparse<string>()
  readonly #uniques = new Sparse<string>()
  readonly #holds = new Sparse<number>()
  readonly #ids = new Sparse<string>()

  add(job: NewJob, kind: number): void {
    const at = this.#keys.length
    const { id, priority, delay, group, unique } = job
    const isOwnKey = isKey(id)
    const key = isOwnKey ? id : keyOf(id)
    if (at > 0 && key < this.#keys[at - 1]!) this.#areAscending = false
    this.#keys.push(key)
    if (at > 0 && kind !== this.#kinds[0]) this.#oneKind = false
    this.#kinds.push(kind)
    this.#payloads.push(job.payload)
    this.#extras.set(at, extraOf(job, isOwnKey))
    if (priority !== undefined && priority !== 0) this.#ranks.set(at, -priority)
    if (delay !== undefined && delay > 0) this.#delays.set(at, duration(delay))
    if (group !== undefined) this.#groups.set(at, storedKey(group))
    if (unique === undefined) return
    this.#uniques.set(at, storedKey(unique.key))
    if (unique.within !== undefined) this.#holds.set(at, duration(unique.within))
    if (!isOwnKey) this.#ids.set(at, id)
  }

  get keys(): readonly string[] {
    return this.#keys
  }

  /** Whether the keys are in their order, as those are that one process has made. */
  get areAscending(): boolean {
    return this.#areAscending
  }

  /** A text that no payload contains. */
  separator(): string {
    let separator = SEPARATOR
    while (this.#payloads.some((payload) => payload.includes(separator))) separator += Math.random().toString(36)
    return separator
  }

  /** All but the keys. Payloads are an array, or one text where `separator` is given. */
  others(separator?: string): Value[] {
    const size = this.#keys.length
    return [
      plainArray(this.#oneKind ? this.#kinds.slice(0, 1) : this.#kinds),
      separator === undefined ? textArray(this.#payloads) : this.#payloads.join(separator),
      this.#extras.text(size, textArray),
      this.#ranks.text(size, plainArray),
      this.#delays.text(size, plainArray),
      this.#groups.text(size, textArray),
      this.#uniques.text(size, textArray),
      this.#holds.text(size, plainArray),
      this.#ids.text(size, textArray),
    ]
  }
}

/** A column that is null for most jobs. */
class Sparse<T> {
  #items: (T | undefined)[] | undefined

  set(at: number, item: T | undefined): void {
    if (item === undefined) return
    this.#items ??= []
    this.#items[at] = item
  }

  text(size: number, encode: (items: readonly (T | undefined)[]) => string): string | null {
    if (this.#items === undefined) return null
    this.#items.length = size
    return encode(this.#items)
  }
}

keepShape(new Columns())

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })

/** What `enqueue_jobs` answers, by index. */
export function enqueuedOf(jobs: readonly NewJob[], answers: readonly (string | null)[] | undefined): Enqueued[] {
  return jobs.map(({ id }, index) => {
    const of = answers?.[index] ?? undefined
    return of === undefined ? ENQUEUED : { status: 'duplicate', of: of === '' ? id : of }
  })
}
