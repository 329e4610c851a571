import { rm } from 'node:fs/promises'
import {
  createWorker,
  handle,
  Unrecoverable,
  type Backend,
  type Duration,
  type Handler,
  type Instrumentation,
  type Worker,
} from '@jobport/core'
import type { AddressGuard } from '@jobport/notifier'
import { expireJob, imageJob, linkJob, originalOf, videoJob, type Made } from '../items/jobs.ts'
import { recognise } from '../media/recognise.ts'
import { fetchLink } from './fetch-link.ts'
import { makeOfImage, makeOfVideo, type Order, type Workshop } from './make.ts'

export interface ProcessorOptions extends Workshop {
  /** Items at a time. Each takes about a core. */
  readonly concurrency: number
  /** The queues to serve. */
  readonly queues: readonly WorkQueue[]
  /** How long an item of a killed processor waits before it goes on elsewhere. */
  readonly lease: Duration
  readonly guard: AddressGuard
  /** Of a file that a link leads to. */
  readonly maxBytes: number
  readonly instrumentation?: Instrumentation
}

/** Images come most often and are done soonest; a queue of videos must not hold them up. */
const WEIGHTS = { images: 4, links: 2, videos: 1, upkeep: 1 } as const
export type WorkQueue = keyof typeof WEIGHTS

/** The worker that makes thumbnails and videos, and clears up. */
export function createProcessor(backend: Backend, options: ProcessorOptions): Worker {
  const { queues, concurrency, lease, instrumentation } = options
  const handlers = handlersOf(options).filter(({ definition }) => queues.includes(definition.queue as WorkQueue))
  return createWorker(backend, handlers, {
    queues: Object.fromEntries(queues.map((queue) => [queue, WEIGHTS[queue]])),
    concurrency,
    lease,
    ...(instrumentation !== undefined && { instrumentation }),
  })
}

function handlersOf({ guard, maxBytes, ...workshop }: ProcessorOptions): readonly Handler[] {
  const { storage } = workshop

  async function orderOf(item: string, key: string): Promise<Order> {
    const source = await storage.locate(key)
    if (source === undefined) throw new Error(`there is no file ${key}`)
    const type = await recognise(source)
    if (type === undefined) throw new Unrecoverable('the content is of no image or video that is supported')
    return { item, source, type }
  }

  /** An attempt that comes after the fetch finds the file there. */
  async function fetched(key: string, url: string, signal: AbortSignal): Promise<string> {
    if ((await storage.locate(key)) !== undefined) return key
    const draft = storage.draft()
    try {
      await fetchLink(url, draft, { guard, maxBytes, signal })
      await storage.store({ [key]: draft })
      return key
    } finally {
      await rm(draft, { force: true })
    }
  }

  return [
    handle(imageJob, async ({ original }, { job, signal }) =>
      makeOfImage(workshop, await orderOf(job.id, original), signal),
    ),
    handle(videoJob, async ({ original }, { job, signal, progress }) =>
      makeOfVideo(workshop, await orderOf(job.id, original), signal, progress),
    ),
    handle(linkJob, async ({ url }, { job, signal, progress }): Promise<Made> => {
      const order = await orderOf(job.id, await fetched(originalOf(job.id), url, signal))
      return order.type.kind === 'image'
        ? makeOfImage(workshop, order, signal)
        : makeOfVideo(workshop, order, signal, progress)
    }),
    handle(expireJob, ({ item }) => storage.remove(item)),
  ]
}
