import type { NewJob } from '@jobport/core/adapter'
import type { Line } from './connection/session.ts'
import type { Statements } from './connection/statements.ts'
import { parseNumbers, plainArray, textArray } from './wire/array.ts'

interface Known<T> {
  readonly value: T
  /** How often everything had been forgotten when it was asked for. */
  readonly age: number
}

/** The numbers that stand for queues and for names of jobs. They never change, so each is asked for once. */
export class Names {
  readonly #line: Line
  readonly #statements: Statements
  readonly #queues = new Map<string, Known<number>>()
  readonly #kinds = new Map<string, Map<string, Known<number>>>()
  readonly #names = new Map<number, Known<string>>()
  #age = 0

  constructor(line: Line, statements: Statements) {
    this.#line = line
    this.#statements = statements
  }

  /**
   * A connection was lost: when the server comes back, it may have been restored from a backup, with other numbers. So each is asked for again before it is next
   * used. A call that has learnt its numbers and is about to be sent goes with those.
   */
  forget(): void {
    this.#age++
  }

  knowsQueue(name: string): boolean {
    return this.#queues.get(name)?.age === this.#age
  }

  /** Only for a queue that `learnQueues` was asked for. */
  readonly queue = (name: string): number => this.#queues.get(name)?.value ?? 0

  /** Only for a job that `learn` was asked for. */
  readonly kind = ({ queue, name }: NewJob): number => this.#kinds.get(queue)?.get(name)?.value ?? 0

  readonly name = (kind: number): string => this.#names.get(kind)!.value

  /** `undefined` when there is nothing to learn, so that nothing has to be waited for. */
  learnQueue(name: string): Promise<void> | undefined {
    if (this.knowsQueue(name)) return undefined
    return this.#learnQueue(name)
  }

  learn(jobs: readonly NewJob[]): Promise<void> | undefined {
    let unknown: NewJob[] | undefined
    for (const job of jobs) {
      if (this.#kinds.get(job.queue)?.get(job.name)?.age !== this.#age) (unknown ??= []).push(job)
    }
    return unknown && this.#learnKinds(unknown)
  }

  /** Looks up the names behind numbers. */
  learnNames(kinds: Iterable<number>): Promise<void> | undefined {
    const unknown = new Set<number>()
    for (const kind of kinds) if (this.#names.get(kind)?.age !== this.#age) unknown.add(kind)
    return unknown.size === 0 ? undefined : this.#learnNames([...unknown])
  }

  async #learnQueue(name: string): Promise<void> {
    const age = this.#age
    const [row] = await this.#line.ask(this.#statements.nameQueue, [name])
    this.#queues.set(name, { value: Number(row![0]), age })
  }

  async #learnKinds(jobs: readonly NewJob[]): Promise<void> {
    const unknown = new Map(jobs.map((job) => [`${job.queue} ${job.name}`, job]))
    // By name: two processes that note down the same ones would wait for each other otherwise.
    const sorted = [...unknown.keys()].toSorted().map((key) => unknown.get(key)!)
    const values = [textArray(sorted.map(({ queue }) => queue)), textArray(sorted.map(({ name }) => name))]
    const age = this.#age
    const [row] = await this.#line.ask(this.#statements.nameKinds, values)
    const numbers = parseNumbers(row![0])
    sorted.forEach(({ queue, name }, index) => this.#know(queue, name, numbers[index]!, age))
  }

  async #learnNames(kinds: readonly number[]): Promise<void> {
    const age = this.#age
    for (const [no, queue, name] of await this.#line.ask(this.#statements.kinds, [plainArray(kinds)])) {
      this.#know(queue, name, Number(no), age)
    }
  }

  #know(queue: string, name: string, kind: number, age: number): void {
    let names = this.#kinds.get(queue)
    if (names === undefined) this.#kinds.set(queue, (names = new Map()))
    names.set(name, { value: kind, age })
    this.#names.set(kind, { value: name, age })
  }
}
