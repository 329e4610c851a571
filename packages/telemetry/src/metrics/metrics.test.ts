import {
  createQueue,
  createWorker,
  defineJob,
  handle,
  memoryBackend,
  Snooze,
  type,
  type Instrumentation,
} from '@jobport/core'
import { VirtualClock } from '@jobport/core/testing'
import { openMetricsContentType, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { combine, createMetrics } from '../index.ts'
import { registerMetrics } from '../prometheus.ts'

const encode = defineJob('media.encode', { input: type<string>(), queue: 'media', retry: { retries: 0 } })

async function stage(options: Parameters<typeof createMetrics>[0] = {}) {
  const backend = memoryBackend()
  const metrics = createMetrics({ backend, ...options })
  const queue = createQueue(backend, { instrumentation: metrics })
  const registry = registerMetrics(metrics)
  const text = (): Promise<string> => registry.metrics()
  const value = async (line: string): Promise<number | undefined> => {
    const found = (await text()).split('\n').find((each) => each.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.slice(line.length))
  }
  return { backend, metrics, queue, registry, text, value }
}

/** The types of prom-client know no argument of the constructor. */
function openMetrics(): Registry {
  const registry = new Registry()
  registry.setContentType(openMetricsContentType as never)
  return registry
}

describe('metrics', () => {
  it('count what becomes of jobs, from the enqueue to the end', async () => {
    const { backend, metrics, queue, value } = await stage()
    let snoozed = false
    const worker = createWorker(
      backend,
      [
        handle(encode, (what) => {
          if (what === 'bad') throw new Error('bad')
          if (what === 'later' && !snoozed) {
            snoozed = true
            throw new Snooze(1)
          }
        }),
      ],
      { instrumentation: metrics, concurrency: 7 },
    )
    await queue.enqueueMany(encode, [{ input: 'good' }, { input: 'good', options: { id: 'x' } }, { input: 'bad' }])
    await queue.enqueue(encode, 'again', { id: 'x' })
    await queue.enqueue(encode, 'later')
    await queue.enqueue(encode, 'flaky', { delay: '1h' })
    await expect(queue.enqueue(encode, 'odd', { priority: -1 })).rejects.toThrow('priority')
    const finished = new Promise<void>((resolve) => {
      let left = 4
      const count = (): void => void (--left === 0 && resolve())
      worker.on('completed', count).on('dead', count)
    })
    await worker.start()
    await finished
    const job = 'queue="media",job_name="media.encode"'
    expect(await value(`jobport_enqueues_total{${job},status="enqueued"}`)).toBe(5)
    expect(await value(`jobport_enqueues_total{${job},status="duplicate"}`)).toBe(1)
    expect(await value(`jobport_enqueues_total{${job},status="refused"}`)).toBe(1)
    expect(await value(`jobport_jobs_finished_total{${job},state="completed"}`)).toBe(3)
    expect(await value(`jobport_jobs_finished_total{${job},state="dead"}`)).toBe(1)
    expect(await value(`jobport_job_failures_total{${job}}`)).toBe(1)
    expect(await value(`jobport_job_retries_total{${job}}`)).toBe(0)
    expect(await value(`jobport_job_returns_total{${job},reason="snoozed"}`)).toBe(1)
    expect(await value(`jobport_job_duration_seconds_count{${job},outcome="completed"}`)).toBe(3)
    expect(await value(`jobport_job_duration_seconds_count{${job},outcome="failed"}`)).toBe(1)
    expect(await value(`jobport_job_duration_seconds_bucket{${job},outcome="completed",le="+Inf"}`)).toBe(3)
    expect(await value('jobport_queue_jobs{queue="media",state="scheduled"}')).toBe(1)
    expect(await value('jobport_queue_jobs{queue="media",state="dead"}')).toBe(1)
    expect(await value('jobport_queue_paused{queue="media"}')).toBe(0)
    expect(await value('jobport_worker_concurrency')).toBe(7)
    expect(await value('jobport_backend_up')).toBe(1)
    await worker.close()
  })

  it('forget workers that have closed', async () => {
    const { backend, metrics, value } = await stage()
    const worker = createWorker(backend, [handle(encode, () => {})], { instrumentation: metrics })
    expect(await value('jobport_workers')).toBe(1)
    // Before anything has happened: a rate needs a beginning.
    expect(await value('jobport_jobs_finished_total{queue="media",job_name="media.encode",state="dead"}')).toBe(0)
    await worker.start()
    await worker.close()
    expect(await value('jobport_workers')).toBe(0)
  })

  it('tell the age of the oldest job that waits, and of a queue that is paused', async () => {
    const clock = new VirtualClock()
    const backend = memoryBackend({ clock })
    const registry = registerMetrics(createMetrics({ backend }))
    await createQueue(backend, { runtime: { clock } }).enqueue(encode, 'x')
    await backend.operate.pause('media')
    await clock.advance(90_000)
    const text = await registry.metrics()
    expect(text).toContain('jobport_queue_oldest_waiting_seconds{queue="media"} 90\n')
    expect(text).toContain('jobport_queue_paused{queue="media"} 1\n')
  })

  it('have a bounded number of series, whatever names jobs and queues have', async () => {
    const { queue, metrics, backend, text } = await stage({ maxJobs: 10, maxQueues: 5 })
    for (let index = 0; index < 200; index++) {
      await queue.enqueue(defineJob(`job-${index}`, { input: type<object>(), queue: `queue-${index}` }), {})
    }
    const worker = createWorker(backend, [handle(encode, () => {})], {
      instrumentation: metrics,
      queues: Array.from({ length: 200 }, (_, index) => `queue-${index}`),
    })
    let unknown = 0
    const all = new Promise<void>((resolve) => worker.on('unknown', () => void (++unknown === 200 && resolve())))
    await worker.start()
    await all
    const lines = (await text()).split('\n').filter((line) => line.startsWith('jobport_'))
    const labels = new Set(lines.flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label]) => label)))
    expect([...labels].toSorted((a, b) => (a! < b! ? -1 : 1))).toEqual([
      'job_name',
      'le',
      'outcome',
      'queue',
      'reason',
      'state',
      'status',
    ])
    expect(new Set(lines.flatMap((line) => /job_name="([^"]*)"/.exec(line)?.[1] ?? [])).size).toBeLessThanOrEqual(11)
    expect(lines.length).toBeLessThan(11 * 60)
    await worker.close()
  })

  it('have no series for names that only somebody who enqueues has chosen', async () => {
    const { metrics, backend, text } = await stage()
    await createQueue(backend).enqueue(defineJob('anybody', { input: type<object>(), queue: 'media' }), {})
    const worker = createWorker(backend, [handle(encode, () => {})], { instrumentation: metrics })
    const unknown = new Promise<void>((resolve) => worker.on('unknown', () => resolve()))
    await worker.start()
    await unknown
    expect(await text()).toContain('jobport_jobs_unknown_total{queue="media",job_name="other"} 1\n')
    expect(await text()).not.toContain('anybody')
    await worker.close()
  })

  it('answer although the backend does not', async () => {
    const backend = memoryBackend()
    const silent = { ...backend, inspect: { ...backend.inspect, queues: () => new Promise<never>(() => {}) } }
    const registry = registerMetrics(createMetrics({ backend: silent as never, timeout: 20 }))
    const text = await registry.metrics()
    expect(text).toContain('jobport_backend_up 0')
    expect(text).not.toMatch(/^jobport_queue_jobs\{/m)
  })

  it('count deliveries by channel', async () => {
    const { metrics, value } = await stage()
    const listeners = new Map<string, (delivery: { channel: string | undefined }) => void>()
    metrics.watchNotifier({ on: (event, listener) => listeners.set(event, listener) })
    listeners.get('delivered')!({ channel: 'email' })
    listeners.get('delivered')!({ channel: 'email' })
    listeners.get('undeliverable')!({ channel: undefined })
    expect(await value('jobport_notifications_total{channel="email",outcome="delivered"}')).toBe(2)
    expect(await value('jobport_notifications_total{channel="none",outcome="undeliverable"}')).toBe(1)
  })

  it('fit OpenMetrics as well, where counters are named without their suffix', async () => {
    const { metrics, queue } = await stage()
    await queue.enqueue(encode, 'x')
    const registry = registerMetrics(metrics, openMetrics())
    const text = await registry.metrics()
    expect(text).toContain('# TYPE jobport_enqueues counter\n')
    expect(text).toContain('jobport_enqueues_total{queue="media",job_name="media.encode",status="enqueued"} 1\n')
  })

  it('refuse buckets that do not rise', () => {
    expect(() => createMetrics({ buckets: [1, 1] })).toThrow('buckets')
  })
})

describe('combine', () => {
  it('calls each inside of the one before, with the headers of all', async () => {
    const order: string[] = []
    const named = (name: string) =>
      ({
        attach: () => void order.push(`attach ${name}`),
        completed: () => void order.push(`completed ${name}`),
        send: async (_, send) => {
          order.push(name)
          return send({ [name]: '1', last: name })
        },
        process: (_, run) => run({ [name]: '1', last: name }),
      }) satisfies Instrumentation
    const both = combine(named('a'), {}, named('b'))
    both.attach!(undefined as never, [], memoryBackend() as never)
    both.completed!('queue', 'name', 1)
    const sent = await both.send!({ queue: 'q', name: 'n', count: 1 }, async (headers) => {
      return { id: JSON.stringify(headers), duplicate: false }
    })
    expect(JSON.parse(sent.id)).toEqual({ a: '1', b: '1', last: 'b' })
    expect(both.process!([], (headers) => headers)).toEqual({ a: '1', b: '1', last: 'b' })
    expect(order).toEqual(['attach a', 'attach b', 'completed a', 'completed b', 'a', 'b'])
  })

  it('leaves out what none of them has', () => {
    expect(Object.keys(combine({ completed: () => {} }, {}))).toEqual(['completed'])
  })
})
