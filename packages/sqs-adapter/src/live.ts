import type { SQSClient } from '@aws-sdk/client-sqs'
import type { Clock, Limits } from '@jobport/core/adapter'
import { isBackendFailure } from '@jobport/core/adapter'
import { Calls } from './client/calls.ts'
import { makeClient } from './client/make-client.ts'
import type { HeldMessages } from './held.ts'
import { limitsOf } from './limits.ts'
import type { Settings } from './options.ts'
import { Queues } from './queue/queues.ts'
import { SendLines } from './queue/send-lines.ts'

/** An open backend. */
export class Live {
  readonly client: SQSClient
  /** For requests that wait for jobs, and those that extend leases: on connections that traffic cannot take away. */
  readonly patient: SQSClient
  readonly calls: Calls
  readonly queues: Queues
  readonly lines = new SendLines()
  readonly settings: Settings
  readonly limits: Limits
  readonly held: HeldMessages
  readonly clock: Clock
  /** Aborts when the backend closes. */
  readonly closing: AbortSignal
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  /** FIFO queues of which one request gave two messages of a group. */
  readonly crowded = new Set<string>()

  constructor(settings: Settings, held: HeldMessages, clock: Clock) {
    this.settings = settings
    this.limits = limitsOf(settings.fifo, settings.blobs !== undefined)
    this.held = held
    this.clock = clock
    this.closing = this.#closing.signal
    this.client = settings.client ?? makeClient(settings, settings.callTimeout)
    this.patient = settings.client ?? makeClient(settings, settings.longPoll + settings.callTimeout)
    this.calls = new Calls(settings, clock)
    this.queues = new Queues(this.client, this.calls, settings)
  }

  static async open(settings: Settings, held: HeldMessages, clock: Clock): Promise<Live> {
    const live = new Live(settings, held, clock)
    try {
      await Promise.all(settings.queues.map((queue) => live.queues.verify(queue)))
    } catch (error) {
      live.#destroy()
      throw error
    }
    return live
  }

  /** Lets what is running end. A request that waits for jobs cannot be called back without leaving a job to nobody, so it is waited for. */
  async close(): Promise<void> {
    this.#closing.abort()
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    this.#destroy()
  }

  /** Work that must end before the client is destroyed. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work)
    void work.catch(() => {}).finally(() => this.#running.delete(work))
    return work
  }

  /** As `work`; a queue that is missing is looked for, or created, the next time. */
  async at<T>(queue: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (isBackendFailure(error) && error.code === 'not-found') this.queues.forget(queue)
      throw error
    }
  }

  #destroy(): void {
    const { client, sqs } = this.settings
    // A client would close the handler that it was given, and its agents, which others may use.
    if (client !== undefined || isShared(sqs.requestHandler)) return
    this.client.destroy()
    this.patient.destroy()
  }
}

/** Whether it is a handler of the application, or options for one of the SDK that name agents of the application. */
function isShared(handler: Settings['sqs']['requestHandler']): boolean {
  return handler !== undefined && ['handle', 'httpAgent', 'httpsAgent'].some((own) => own in handler)
}
