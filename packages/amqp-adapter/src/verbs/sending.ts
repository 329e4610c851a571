import { setTimeout } from 'node:timers/promises'
import { BackendError, type Admission, type Limits, type Ms, type NewJob } from '@jobport/core/adapter'
import type { Published, Publisher } from '../connection/publisher.ts'
import { failure } from '../failure.ts'
import { NAME } from '../limits.ts'
import type { Topology } from '../topology/topology.ts'
import { newEnvelope, refusedEnvelope, type Envelope } from '../wire/envelope.ts'
import type { Outgoing } from '../wire/outgoing.ts'
import type { Routes } from '../wire/routes.ts'

export interface SendingOptions {
  readonly publisher: Publisher
  readonly topology: Topology
  readonly routes: Routes
  readonly admission: Admission
  readonly limits: Limits
}

/** A message, and the queue that must be there for it. */
export interface Addressed {
  readonly queue: string
  readonly isDelayed: boolean
  readonly outgoing: Outgoing
}

/** Before messages are sent again that a queue without a leader has refused. */
const PAUSES: readonly Ms[] = [25, 50, 100, 200, 400, 800]

/** Sends messages to queues that it sees to. */
export class Sending {
  readonly #options: SendingOptions

  constructor(options: SendingOptions) {
    this.#options = options
  }

  /** @returns why it cannot be taken, or the message that it becomes. */
  job(job: NewJob): BackendError | Addressed {
    const { admission, limits } = this.#options
    const refused = admission.refuseJob(job)
    if (refused !== undefined) return refused
    const { delay = 0, id } = job
    if (delay > limits.delay) return tooLong(`job ${id} has delay ${delay}`, limits.delay)
    const envelope = newEnvelope(job)
    return refusedEnvelope(envelope) ?? this.work(job.queue, envelope, delay)
  }

  work(queue: string, envelope: Envelope, delay: number): Addressed {
    return { queue, isDelayed: delay > 0, outgoing: this.#options.routes.work(queue, envelope, delay) }
  }

  /** A job that returns. In a group it is the next, and its delay is waited for there. */
  again(queue: string, envelope: Envelope, delay: Ms): Addressed {
    return this.#options.routes.isGrouped(envelope)
      ? this.work(queue, { ...envelope, rest: delay }, 0)
      : this.work(queue, envelope, delay)
  }

  dead(queue: string, envelope: Envelope, error: string, keep: number): Addressed {
    return { queue, isDelayed: false, outgoing: this.#options.routes.dead(queue, envelope, error, keep) }
  }

  /** Answers by index. Never rejects. */
  async send(messages: readonly Addressed[]): Promise<readonly Published[]> {
    const { publisher, topology } = this.#options
    const refused = this.#isKnown(messages) ? undefined : await this.#ensure(messages)
    if (refused !== undefined) return messages.map(() => refused)
    let answers = await publisher.publish(messages.map(({ outgoing }) => outgoing))
    if (answers.some(isUnroutable)) {
      const failed = await this.#declareAgain(messages.filter((_, index) => isUnroutable(answers[index])))
      if (failed !== undefined) return answers.map((answer) => (isUnroutable(answer) ? failed : answer))
      answers = await this.#sendAgain(messages, answers, isUnroutable)
    }
    for (const pause of PAUSES) {
      const isEarly = (answer: Published, index: number): boolean =>
        isRefused(answer) && topology.mayBeStarting(messages[index]!)
      if (!answers.some(isEarly)) break
      await setTimeout(pause)
      answers = await this.#sendAgain(messages, answers, isEarly)
    }
    return topology.haveLeaders && answers.some(isRefused) ? this.#explain(messages, answers) : answers
  }

  /** The server does not say why a queue refuses. One that holds jobs may be full; one that holds none is not, and one without a leader says so of itself. */
  async #explain(messages: readonly Addressed[], answers: readonly Published[]): Promise<readonly Published[]> {
    const { topology } = this.#options
    const refusing = new Set(messages.flatMap(({ queue }, index) => (isRefused(answers[index]) ? [queue] : [])))
    const reasons = new Map<string, BackendError>()
    for (const queue of refusing) {
      const waiting = await topology.waiting(queue).catch(() => 0)
      if (waiting === 0) reasons.set(queue, leaderless(queue))
    }
    return answers.map((answer, index) =>
      isRefused(answer) ? (reasons.get(messages[index]!.queue) ?? answer) : answer,
    )
  }

  /** Those whose answers are `chosen`. */
  async #sendAgain(
    messages: readonly Addressed[],
    answers: readonly Published[],
    chosen: (answer: Published, index: number) => boolean,
  ): Promise<readonly Published[]> {
    const isChosen = answers.map(chosen)
    const again = messages.filter((_, index) => isChosen[index])
    const repeated = await this.#options.publisher.publish(again.map(({ outgoing }) => outgoing))
    let next = 0
    return answers.map((answer, index) => (isChosen[index] ? repeated[next++] : answer))
  }

  /** A queue that was deleted since we saw it is made again, once. */
  #declareAgain(messages: readonly Addressed[]): Promise<BackendError | undefined> {
    const { topology } = this.#options
    for (const { queue } of messages) topology.forget(queue)
    if (messages.some(({ isDelayed }) => isDelayed)) topology.forgetDelays()
    return this.#ensure(messages)
  }

  #isKnown(messages: readonly Addressed[]): boolean {
    const { topology } = this.#options
    let last: string | undefined
    for (const { queue, isDelayed } of messages) {
      if (isDelayed && !topology.knowsDelays) return false
      if (queue === last) continue
      if (!topology.knows(queue)) return false
      last = queue
    }
    return true
  }

  async #ensure(messages: readonly Addressed[]): Promise<BackendError | undefined> {
    const { topology } = this.#options
    try {
      if (messages.some(({ isDelayed }) => isDelayed)) await topology.delays()
      for (const queue of new Set(messages.map((message) => message.queue))) await topology.queue(queue)
      return undefined
    } catch (error) {
      return failure(error, { outcome: 'none' })
    }
  }
}

function isUnroutable(answer: Published): boolean {
  return answer?.code === 'not-found' && answer.outcome === 'none'
}

function isRefused(answer: Published): boolean {
  return answer?.code === 'full'
}

function leaderless(queue: string): BackendError {
  const problem = `queue ${queue} refuses jobs, and is not full: it says that it holds none, as one without a leader does, or does not answer; are enough nodes of the cluster up?`
  return new BackendError('unavailable', NAME, problem, { outcome: 'unknown' })
}

/** Why a delay cannot be kept. */
export function tooLong(what: string, most: number): BackendError {
  return new BackendError('invalid', NAME, `${what}; the longest is ${most} ms`)
}
