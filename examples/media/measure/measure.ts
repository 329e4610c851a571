// npm run measure [-- rates | items]: how fast the service is on this machine, by the number of processors, and for 2,000 items. Starts its own Redis and mail server;
// draws docs/systems/media-rates.svg.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createQueue } from '@jobport/core'
import { redisBackend } from '@jobport/redis-adapter'
import { startRestartable } from '../../../scripts/services/restartable.ts'
import { createTokens } from '../src/identity/token.ts'
import { imageJob } from '../src/items/jobs.ts'
import { createClient, type Client } from '../src/push/client.ts'
import { drawRates, type Bar } from './chart.ts'
import { samples } from './samples.ts'
import { countMails, Stage } from './stage.ts'

const CHART = fileURLToPath(new URL('../../../docs/systems/media-rates.svg', import.meta.url))
const ITEMS = 2_000
/** Images of one run with so many processors. */
const BACKLOG = 240
const SECRET = 'only for these measurements, and known'

const RUNS = [
  { label: '1 processor', processors: 1, concurrency: 1 },
  { label: '2 processors', processors: 2, concurrency: 1 },
  { label: '4 processors', processors: 4, concurrency: 1 },
  { label: '1 processor, 2 at a time', processors: 1, concurrency: 2 },
  { label: '1 processor, 4 at a time', processors: 1, concurrency: 4 },
]

const chosen = process.argv.slice(2)
const asked = (part: 'rates' | 'items'): boolean => chosen.length === 0 || chosen.includes(part)

const redis = await startRestartable('redis')
const mail = await countMails()
const folder = await mkdtemp(join(tmpdir(), 'jobport-media-measure-'))
const stage = new Stage({
  APP_ENV: 'development',
  REDIS_URL: redis.url,
  MEDIA_DIR: join(folder, 'media'),
  TOKEN_SECRET: SECRET,
  SMTP_URL: mail.url,
})
const backend = redisBackend({ url: redis.url, namespace: 'media' })
const queue = createQueue(backend)
try {
  await queue.open()
  const port = await stage.start('producer')
  const url = new URL(`http://127.0.0.1:${port}`)
  const client = createClient(url, await createTokens(SECRET).sign({ user: 'measure', application: 'measure' }, '2h'))

  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model})\n`)
  if (asked('rates')) await measureRates(client)
  if (asked('items')) await measureItems(url)
} finally {
  await stage.stop()
  await queue.close()
  await backend.close()
  await mail.close()
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
}

/** Images a second, by processors and by images at a time. */
async function measureRates(client: Client): Promise<void> {
  const { images } = await samples()
  const bars: Bar[] = []
  for (const { label, processors, concurrency } of RUNS) {
    await queue.operate.pause(imageJob.queue)
    await Promise.all(
      Array.from({ length: BACKLOG }, (_, index) => client.upload(images[index % images.length]!, `${label} ${index}`)),
    )
    const env = { CONCURRENCY: String(concurrency), ROLES: 'images,videos,links' }
    const ports = await Promise.all(Array.from({ length: processors }, () => stage.start('processor', env)))
    const { seconds, cores } = await drained(ports)
    await stage.stop(processors)
    bars.push({ label, rate: BACKLOG / seconds, cores })
    console.log(`| ${label} | ${(BACKLOG / seconds).toFixed(1)} | ${cores.toFixed(1)} |`)
  }
  await writeFile(CHART, `${drawRates(bars, 'Images a second, and the cores that the processors take')}\n`)
}

/** As many items as the service has to manage within five minutes. */
async function measureItems({ origin }: URL): Promise<void> {
  console.log(`\nTwo processors that also deliver, and a mail for each item:`)
  const before = mail.count()
  await Promise.all([stage.start('processor'), stage.start('processor')])
  await stage.run('push', ['--url', origin, '--items', String(ITEMS), '--email', 'ada@example.org'])
  console.log(`${mail.count() - before} mails had arrived by then`)
}

/** Lets the work begin; how long it took until the last image was done, and how many cores the processors took. */
async function drained(ports: readonly number[]): Promise<{ readonly seconds: number; readonly cores: number }> {
  let finished = 0
  const done = Promise.withResolvers<void>()
  const stop = await queue.inspect.watch((jobs) => {
    finished += jobs.filter((job) => job.queue === imageJob.queue).length
    if (finished >= BACKLOG) done.resolve()
  })
  const before = await cpuSeconds(ports)
  const started = performance.now()
  await queue.operate.resume(imageJob.queue)
  await done.promise
  const seconds = (performance.now() - started) / 1_000
  const cores = ((await cpuSeconds(ports)) - before) / seconds
  await stop()
  return { seconds, cores }
}

/** What the processes have used so far, by their own metrics. */
async function cpuSeconds(ports: readonly number[]): Promise<number> {
  const used = ports.map(async (port) => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return Number(/^process_cpu_seconds_total (\S+)$/m.exec(metrics)?.[1])
  })
  return (await Promise.all(used)).reduce((sum, seconds) => sum + seconds, 0)
}
