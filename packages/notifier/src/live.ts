/**
 * What happens to a user's jobs, streamed to a browser.
 * @module
 */
import {
  checkKnown,
  createQueue,
  OptionError,
  recordInfo,
  toPositiveMs,
  type Backend,
  type Duration,
  type JobInfo,
  type JobRecord,
  type Ms,
} from '@jobport/core/notify'
import { Hub, keyOf, type News } from './live/hub.ts'
import { EventStream, type StreamedEvent } from './live/event-stream.ts'

/** Decides what of the jobs a request may see. */
export type Authorize = (
  request: Request,
) => ((job: JobInfo) => boolean) | undefined | Promise<((job: JobInfo) => boolean) | undefined>

export interface LiveOptions {
  /**
   * Who asks, and so which jobs are theirs: `async (request) => { const user = await session(request); return user && ((job) => job.headers.user === user.id) }`. `undefined`: 401.
   */
  readonly authorize: Authorize
  /** The queues whose jobs are streamed. */
  readonly queues: readonly string[]
  /** What of a job's data is sent besides its state and progress. Default: nothing. */
  readonly show?: readonly ('result' | 'error')[]
  /** How often running jobs are looked at for their progress. Default 1 s. */
  readonly every?: Duration
  /** How often a silent stream says that it is alive. Default 15 s. */
  readonly heartbeat?: Duration
  /** The most streams at a time; further requests get 503. Default 1000. */
  readonly limit?: number
  /** Told of what goes wrong behind the streams, which go on. Default: `console.error`. */
  readonly onError?: (error: unknown) => void
}

/** The `data` of the events `outcome` and `progress`. */
export interface LiveEvent {
  readonly job: { readonly id: string; readonly name: string; readonly queue: string }
  readonly state: string
  readonly attempt: number
  /** Of `progress`: what the handler said last. */
  readonly progress?: unknown
  readonly result?: unknown
  readonly error?: { readonly name: string; readonly message: string }
}

/** An endpoint of server-sent events. */
export interface Live {
  /** Answers with a stream; `Last-Event-ID` makes it begin with the outcomes since then. For any server that speaks `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>
  /** How many streams are open. */
  readonly size: number
  /** Ends all streams. */
  close(): Promise<void>
}

/**
 * Streams a user's job outcomes and progress as server-sent events, from the records of the backend: it matters neither which process works nor which one answers. Events: `outcome`, with an id
 * that a browser brings back as `Last-Event-ID`, and `progress`, without one. An outcome can come twice after a reconnection, with the same id. What a watch misses is seen late, or, where its record is
 * not kept, not at all; so this is for showing, and notifications are for telling.
 * @throws OptionError
 */
export function createLive(backend: Backend<any>, options: LiveOptions): Live {
  checkKnown(options, ['authorize', 'queues', 'show', 'every', 'heartbeat', 'limit', 'onError'], 'createLive')
  if (typeof options.authorize !== 'function')
    throw new OptionError('authorize', 'is missing; without it everybody would see everything')
  if (!Array.isArray(options.queues) || options.queues.length === 0)
    throw new OptionError('queues', 'is empty; name at least one')
  return new LiveJobs(backend as Backend, options)
}

class LiveJobs implements Live {
  readonly #options: LiveOptions
  readonly #heartbeat: Ms
  readonly #limit: number
  readonly #hub: Hub
  readonly #queue: ReturnType<typeof createQueue>
  readonly #streams = new Set<EventStream>()

  constructor(backend: Backend, options: LiveOptions) {
    this.#options = options
    this.#heartbeat = toPositiveMs(options.heartbeat ?? '15s', 'heartbeat')
    this.#limit = options.limit ?? 1_000
    this.#queue = createQueue(backend)
    this.#hub = new Hub({
      inspect: async () => this.#queue.inspect,
      queues: options.queues,
      every: toPositiveMs(options.every ?? '1s', 'every'),
      onError: options.onError ?? ((error) => console.error('jobport live:', error)),
    })
  }

  get size(): number {
    return this.#streams.size
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET' } })
    const owns = await this.#options.authorize(request)
    if (owns === undefined) return new Response('Unauthorized', { status: 401 })
    if (this.#streams.size >= this.#limit)
      return new Response('Too many streams', { status: 503, headers: { 'retry-after': '5' } })
    const stream = new EventStream(this.#heartbeat)
    this.#streams.add(stream)
    request.signal.addEventListener('abort', () => stream.close())
    // What happens while the past is looked up comes after it.
    const held: News[] = []
    let hold = true
    try {
      const stop = await this.#hub.listen((news) => {
        if (!owns(recordInfo(news.record))) return
        if (hold) held.push(news)
        else stream.send(this.#eventOf(news))
      })
      stream.onClose(() => {
        stop()
        this.#streams.delete(stream)
      })
      for (const record of await this.#missed(request)) {
        if (owns(recordInfo(record))) stream.send(this.#eventOf({ kind: 'outcome', record }))
      }
    } catch (error) {
      stream.close()
      this.#streams.delete(stream)
      throw error
    }
    hold = false
    for (const news of held) stream.send(this.#eventOf(news))
    return new Response(stream.body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies that gather what they pass on would hold it back.
        'x-accel-buffering': 'no',
      },
    })
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.close()
    await this.#hub.close()
    await this.#queue.close()
  }

  async #missed(request: Request): Promise<readonly JobRecord[]> {
    const last = request.headers.get('last-event-id')
    const moment = /^(\d{1,15})-/.exec(last ?? '')?.[1]
    if (moment === undefined) return []
    return (await this.#hub.since(Number(moment))).filter((record) => keyOf(record) !== last)
  }

  #eventOf({ kind, record }: News): StreamedEvent {
    const { show = [] } = this.#options
    const { id, name, queue, state, attempt, progress, result, errors } = record
    const error = state === 'dead' ? errors.at(-1) : undefined
    const { name: errorName, message } = (error === undefined ? {} : JSON.parse(error)) as {
      name?: string
      message?: string
    }
    const data: LiveEvent = {
      job: { id, name, queue },
      state,
      attempt,
      ...(kind === 'progress' && progress !== undefined && { progress: JSON.parse(progress) as unknown }),
      ...(show.includes('result') && result !== undefined && { result: JSON.parse(result) as unknown }),
      ...(show.includes('error') &&
        errorName !== undefined &&
        message !== undefined && { error: { name: errorName, message } }),
    }
    return { event: kind, ...(kind === 'outcome' && { id: keyOf(record) }), data: JSON.stringify(data) }
  }
}
