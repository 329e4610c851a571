import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createQueue, createWorker, defineJob, fixed, handle, memoryBackend, Snooze, type } from '@jobport/core'
import { createNotifier, memoryChannel } from '@jobport/notifier'
import { createEndpoints, createMetrics } from '@jobport/telemetry'
import { registerMetrics } from '@jobport/telemetry/prometheus'
import { expect, it } from 'vitest'
import { locate } from '../../../scripts/services/locate.ts'
import { prometheus } from '../../../scripts/services/prometheus.ts'

const minute = 60_000
const url = new URL(process.env['PROMETHEUS_URL']!)
const folder = fileURLToPath(new URL('..', import.meta.url))

const encode = defineJob('media.encode', {
  input: type<number>(),
  queue: 'media',
  retry: { retries: 1, backoff: fixed('10ms') },
  notify: [{ on: 'dead', to: { role: 'admins' } }],
})

it('each alert fires when it should and is silent next to it', { timeout: 5 * minute }, async () => {
  const promtool = await programOf('promtool')
  await promisify(execFile)(promtool, ['check', 'rules', `${folder}prometheus/alerts.yml`])
  const { stdout } = await promisify(execFile)(promtool, ['test', 'rules', `${folder}prometheus/alerts.test.yml`])
  expect(stdout).toContain('SUCCESS')
  const cases = readFileSync(`${folder}prometheus/alerts.test.yml`, 'utf8')
  const alerts = [...readFileSync(`${folder}prometheus/alerts.yml`, 'utf8').matchAll(/alert: (\w+)/g)]
  for (const [, alert] of alerts) expect(cases.split(`alertname: ${alert}\n`)).toHaveLength(3)
})

it(
  'Prometheus scrapes a running worker, and every query of the dashboard returns data',
  { timeout: 5 * minute },
  async () => {
    const backend = memoryBackend()
    const metrics = createMetrics({ backend })
    const queue = createQueue(backend, { instrumentation: metrics })
    const worker = createWorker(
      backend,
      [
        handle(encode, (what, { job }) => {
          if (what % 10 === 0) throw new Error('no such codec')
          if (what % 10 === 1 && job.attempt === 1) throw new Snooze(10)
        }),
      ],
      { instrumentation: metrics },
    )
    const notifier = createNotifier(backend, { channels: { memory: memoryChannel() }, instrumentation: metrics })
    metrics.watchNotifier(notifier)
    const server = createServer(createEndpoints({ metrics: registerMetrics(metrics), backend }).listener)
    await listen(server, url.searchParams.get('target')!)
    await Promise.all([worker.start(), notifier.start()])
    let next = 0
    const produce = async (): Promise<void> => void (await queue.enqueue(encode, next++))
    const pace = setInterval(() => void produce(), 20)
    try {
      const unanswered = new Set(queries())
      expect(unanswered.size).toBeGreaterThan(20)
      // Prometheus needs two scrapes of everything.
      const deadline = performance.now() + 2 * minute
      while (unanswered.size > 0) {
        for (const query of unanswered) {
          // A job that has not run has no duration.
          if ((await ask(query)).some((value) => !Number.isNaN(value))) unanswered.delete(query)
        }
        if (performance.now() > deadline) throw new Error(`no data for ${[...unanswered].join('\n')}`)
        if (unanswered.size > 0) await sleep(500)
      }
      for (const query of [
        'sum(rate(jobport_jobs_finished_total{queue="media",state="completed"}[10s]))',
        'max(jobport_queue_jobs{queue="media",state="dead"})',
      ])
        await expect.poll(async () => Math.max(...(await ask(query)))).toBeGreaterThan(0)
    } finally {
      clearInterval(pace)
      await Promise.all([worker.close(), notifier.close()])
      server.close()
      server.closeAllConnections()
    }
  },
)

/** What the panels ask, with what Grafana fills in. */
function queries(): readonly string[] {
  const { panels } = JSON.parse(readFileSync(`${folder}grafana/jobport.json`, 'utf8')) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[]
  }
  return panels
    .flatMap(({ targets = [] }) => targets)
    .map(({ expr }) => expr.replaceAll('$__rate_interval', '10s').replaceAll('$queue', '.*'))
}

async function ask(query: string): Promise<readonly number[]> {
  const response = await fetch(new URL(`/api/v1/query?query=${encodeURIComponent(query)}`, url))
  const answer = (await response.json()) as {
    readonly error?: string
    readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] }
  }
  if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`)
  return answer.data.result.map(({ value }) => Number(value[1]))
}

async function listen(server: Server, target: string): Promise<void> {
  const [host, port] = target.split(':')
  server.listen(Number(port), host)
  await once(server, 'listening')
}

async function programOf(name: string): Promise<string> {
  const found = await locate({ ...prometheus, binary: { name } }, 0)
  if ('binary' in found) return found.binary
  throw new Error(`There is no ${name} on this machine; it comes with Prometheus.`)
}
