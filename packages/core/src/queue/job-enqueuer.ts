import { Batcher, type Pending } from '../batch/batcher.ts'
import { isPassing } from '../batch/persist.ts'
import type { Enqueued, Mover } from '../contract/backend.ts'
import type { JobId, NewJob } from '../contract/job.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import { newJob, type NewJobOptions } from '../definition/new-job.ts'
import { encodeValue } from '../definition/value.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { keepShape } from '../kit/keep-shape.ts'
import type { JobHeaders, Instrumentation } from '../worker/instrumentation.ts'
import type { Receipt, Ticket } from './ticket.ts'

export interface JobEnqueuerOptions {
  readonly target: Pick<Mover, 'name' | 'features' | 'limits' | 'enqueueSpread'>
  readonly send: (jobs: readonly NewJob[]) => Promise<readonly Enqueued[]>
  /** One call after the other. */
  readonly sequential: boolean
  readonly newId: () => JobId
  readonly ticket: (definition: JobDefinition, id: JobId, duplicate: boolean) => Ticket
  /** Throws when no more jobs are taken. */
  readonly checkOpen: () => void
  readonly around: Instrumentation['send']
}

interface Item {
  readonly input: unknown
  readonly options?: NewJobOptions | undefined
}

/** Hands jobs to a backend, or to a transaction on it, and answers with tickets. */
export class JobEnqueuer {
  readonly #options: JobEnqueuerOptions
  readonly #batcher: Batcher<NewJob, Enqueued>

  constructor(options: JobEnqueuerOptions) {
    this.#options = options
    const { limits, enqueueSpread } = options.target
    this.#batcher = new Batcher({
      max: limits.enqueueBatch,
      send: options.send,
      ...(options.sequential
        ? { inFlight: 1 }
        : enqueueSpread && { inFlight: enqueueSpread.calls, spread: enqueueSpread.jobs }),
    })
  }

  enqueue(definition: JobDefinition, input: unknown, options?: NewJobOptions): Promise<Ticket> {
    const { around } = this.#options
    return around === undefined
      ? this.#enqueue(definition, input, options)
      : this.#enqueueInside(around, definition, input, options)
  }

  /** On its own, since what a callback sees is put on the heap whenever the function around it begins. So are others below. */
  #enqueueInside(
    around: NonNullable<Instrumentation['send']>,
    definition: JobDefinition,
    input: unknown,
    options: NewJobOptions | undefined,
  ): Promise<Ticket> {
    const sending = { queue: definition.queue, name: definition.name, count: 1 }
    return around(sending, (headers) => this.#enqueue(definition, input, withHeaders(options, headers)))
  }

  enqueueMany(definition: JobDefinition, items: readonly Item[]): Promise<readonly Receipt<Ticket>[]> {
    const { around } = this.#options
    if (around === undefined || items.length === 0) return this.#enqueueMany(definition, items)
    const sending = { queue: definition.queue, name: definition.name, count: items.length }
    return around(sending, (headers) =>
      this.#enqueueMany(
        definition,
        items.map(({ input, options }) => ({ input, options: withHeaders(options, headers) })),
      ),
    )
  }

  #enqueue(definition: JobDefinition, input: unknown, options: NewJobOptions | undefined): Promise<Ticket> {
    const { promise, resolve, reject } = Promise.withResolvers<Ticket>()
    this.#submit(definition, input, options, resolve, reject)
    return promise
  }

  #enqueueMany(definition: JobDefinition, items: readonly Item[]): Promise<readonly Receipt<Ticket>[]> {
    if (items.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const receipts: Receipt<Ticket>[] = Array.from({ length: items.length })
      let missing = items.length
      const note = (index: number, receipt: Receipt<Ticket>): void => {
        receipts[index] = receipt
        if (--missing > 0) return
        const unreachable = receipts.every(isUnreachable) ? (receipts[0] as Refused).error : undefined
        if (unreachable === undefined) resolve(receipts)
        else reject(unreachable)
      }
      items.forEach(({ input, options }, index) =>
        this.#submit(
          definition,
          input,
          options,
          (ticket) => note(index, receiptOf(ticket)),
          (error) => note(index, { status: 'refused', error: error as Error }),
        ),
      )
    })
  }

  /** Resolves when everything is answered. */
  idle(): Promise<void> {
    return this.#batcher.idle()
  }

  /** Synchronous up to the call's batch where the schema is, so that jobs keep their order. */
  #submit(
    definition: JobDefinition,
    input: unknown,
    options: NewJobOptions | undefined,
    resolve: (ticket: Ticket) => void,
    reject: (error: unknown) => void,
  ): void {
    try {
      this.#options.checkOpen()
      const payload = encodeValue(definition, 'input', input)
      if (typeof payload === 'string') this.#add(definition, payload, options, resolve, reject)
      else void this.#addLate(definition, payload, options, resolve, reject)
    } catch (error) {
      reject(error)
    }
  }

  async #addLate(
    definition: JobDefinition,
    payload: Promise<string>,
    options: NewJobOptions | undefined,
    resolve: (ticket: Ticket) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    try {
      this.#add(definition, await payload, options, resolve, reject)
    } catch (error) {
      reject(error)
    }
  }

  #add(
    definition: JobDefinition,
    payload: string,
    options: NewJobOptions | undefined,
    resolve: (ticket: Ticket) => void,
    reject: (error: unknown) => void,
  ): void {
    const { target, newId, ticket } = this.#options
    const job = newJob(target, definition, payload, options, newId)
    this.#batcher.add(new Submission(job, definition, options?.id === undefined, ticket, resolve, reject))
  }
}

/** A job on its way. */
class Submission implements Pending<NewJob, Enqueued> {
  readonly item: NewJob
  readonly reject: (error: unknown) => void
  readonly #definition: JobDefinition
  readonly #isIdMinted: boolean
  readonly #ticket: JobEnqueuerOptions['ticket']
  readonly #resolve: (ticket: Ticket) => void

  constructor(
    item: NewJob,
    definition: JobDefinition,
    isIdMinted: boolean,
    ticket: JobEnqueuerOptions['ticket'],
    resolve: (ticket: Ticket) => void,
    reject: (error: unknown) => void,
  ) {
    this.item = item
    this.reject = reject
    this.#definition = definition
    this.#isIdMinted = isIdMinted
    this.#ticket = ticket
    this.#resolve = resolve
  }

  resolve(reply: Enqueued): void {
    if (reply.status === 'refused') return this.reject(reply.error)
    if (reply.status === 'enqueued') return this.#resolve(this.#ticket(this.#definition, this.item.id, false))
    // An id that was minted here is known to the backend only if an earlier try of this very call stored it.
    const isRepeat = reply.of === this.item.id && this.#isIdMinted
    this.#resolve(this.#ticket(this.#definition, reply.of, !isRepeat))
  }
}

const nothing = (): never => undefined as never
keepShape(new Submission({} as NewJob, {} as JobDefinition, true, nothing, nothing, nothing))

/** Options without headers of an instrumentation are passed on as they are. */
function withHeaders(options: NewJobOptions | undefined, headers: JobHeaders | undefined): NewJobOptions | undefined {
  return headers === undefined ? options : { ...options, headers: { ...headers, ...options?.headers } }
}

type Refused = Extract<Receipt<Ticket>, { status: 'refused' }>

function receiptOf(ticket: Ticket): Receipt<Ticket> {
  return ticket.duplicate ? { status: 'duplicate', of: ticket.id, ticket } : { status: 'enqueued', ticket }
}

function isUnreachable(receipt: Receipt<Ticket>): boolean {
  return receipt.status === 'refused' && isBackendFailure(receipt.error) && isPassing(receipt.error)
}
