import { createQueue, type Queue, type Ticket } from '@jobport/core'
import { isBackendFailure, type Backend } from '@jobport/core/adapter'
import type { JobPlan } from '../scenario/scenario.ts'
import { pass, type Cast } from './cast.ts'
import { definitions } from './definitions.ts'

const TOLD = new Map([
  ['JobDeadError', 'dead'],
  ['JobCancelledError', 'cancelled'],
])

/** An application that hands jobs over. */
export class Producer {
  /** Jobs on their way. */
  busy = 0
  readonly #cast: Cast
  readonly #queue: Queue

  constructor(cast: Cast, backend: Backend) {
    const { process, history, chance, newId } = cast
    this.#cast = cast
    this.#queue = createQueue(backend, {
      patience: 2_000,
      runtime: { clock: process.clock, random: chance.next, newId },
    })
    history.add({ type: 'spawn', by: process.name, role: 'producer' })
  }

  /** Hands one job over, as its plan says. */
  play(plan: JobPlan): void {
    this.busy++
    void this.#play(plan).finally(() => this.busy--)
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  async #play(plan: JobPlan): Promise<void> {
    const { process } = this.#cast
    const { repeatAfter, cancelAfter, retryAfter } = plan
    const ticket = await this.#enqueue(plan)
    if (ticket === undefined) return
    const later: Promise<unknown>[] = []
    if (repeatAfter !== undefined && plan.id !== undefined)
      later.push(pass(process, repeatAfter).then(() => this.#enqueue(plan)))
    if (cancelAfter !== undefined) later.push(pass(process, cancelAfter).then(() => ticket.cancel()))
    if (retryAfter !== undefined)
      later.push(pass(process, retryAfter).then(() => this.#queue.operate.retry([ticket.id])))
    if (plan.awaited) later.push(this.#await(ticket))
    await Promise.allSettled(later)
  }

  async #await(ticket: Ticket): Promise<void> {
    const { process, history } = this.#cast
    const { name: by } = process
    const { id } = ticket
    try {
      const { key } = (await ticket.result()) as { readonly key: string }
      if (process.alive) history.add({ type: 'result', by, id, told: 'completed', key })
    } catch (error) {
      const { name } = error as Error
      if (process.alive) history.add({ type: 'result', by, id, told: TOLD.get(name) ?? name })
    }
  }

  /** An enqueue whose fate is unknown is repeated where the id makes that safe. */
  async #enqueue(plan: JobPlan): Promise<Ticket | undefined> {
    const { process, history } = this.#cast
    const { name: by } = process
    const { key, kind, id, delay, priority, unique, group, user, retries } = plan
    const options = {
      ...(id !== undefined && { id }),
      ...(delay !== undefined && { delay }),
      ...(priority !== undefined && { priority }),
      ...(unique !== undefined && { unique }),
      ...(group !== undefined && { group }),
      ...(user !== undefined && { headers: { user } }),
      ...(retries !== undefined && { retry: { retries } }),
    }
    for (let left = 3; ; left--) {
      try {
        const ticket = await this.#queue.enqueue(definitions[kind], { key }, options)
        if (process.alive) history.add({ type: 'accepted', by, key, id: ticket.id, duplicate: ticket.duplicate })
        return ticket
      } catch (error) {
        if (process.alive) history.add({ type: 'rejected', by, key, error: (error as Error).message })
        if (left === 0 || id === undefined || !isBackendFailure(error) || !error.retryable) return undefined
        await pass(process, 100)
      }
    }
  }
}
