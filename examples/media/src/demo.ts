import { setTimeout as sleep } from 'node:timers/promises'
import { createQueue, type Inspector, type Worker } from '@jobport/core'
import type { Notifier } from '@jobport/notifier'
import { sqliteBackend } from '@jobport/sqlite-adapter'
import type { Arguments } from './arguments.ts'
import { encode, QUEUES, thumbnail } from './demo/jobs.ts'
import { findFfmpeg, type Progress } from './media/ffmpeg.ts'
import { createMediaNotifier } from './demo/notifications.ts'
import { createProcessor } from './demo/processor.ts'
import { produce } from './demo/producer.ts'
import { drawContactSheet } from './demo/report/contact-sheet.ts'
import { createDisplay, type Display } from './terminal/display.ts'
import { judge } from './demo/report/outcome.ts'
import { takeSnapshot } from './demo/report/snapshot.ts'
import { shown, summarize, type Work } from './demo/report/summary.ts'
import { recordHistory } from './demo/run/history.ts'
import { prepareInputs, type Inputs } from './demo/run/inputs.ts'
import { finishRun, openRun, type Run } from './demo/run/run-folder.ts'

/**
 * Runs the whole of it in one process: producer, processor, notifier, and the report at the end. Answers whether the outcome was the expected one.
 * @throws UsageError; the signal's reason when it aborts
 */
export async function runDemo({ input, work, concurrency, fresh }: Arguments, signal: AbortSignal): Promise<boolean> {
  const ffmpeg = await findFfmpeg()
  const inputs = await prepareInputs({ input, work, videos: ffmpeg !== undefined, signal })
  const run = await openRun(work, inputs.folder, fresh)
  console.log(greeting(inputs, run, input))
  if (ffmpeg === undefined) console.log('There is no ffmpeg here, so no video is encoded.')

  const backend = sqliteBackend({ file: run.database })
  const queue = createQueue(backend)
  try {
    await produce(queue, inputs.items, run)
    const processed = await processAll(backend, queue.inspect, run, { concurrency, ffmpeg, signal })
    const outcome = await judge(queue.inspect, inputs.items, run, inputs.damaged)
    await drawContactSheet(outcome.tiles, run.sheet)
    console.log(`\n${summarize(outcome, run, processed)}`)
    await finishRun(run, outcome)
    return outcome.problems.length === 0
  } finally {
    await queue.close()
    await backend.close()
  }
}

interface ProcessOptions {
  readonly concurrency: number
  readonly ffmpeg: string | undefined
  readonly signal: AbortSignal
}

/** Works until nothing is left: no job, no notification. */
async function processAll(
  backend: ReturnType<typeof sqliteBackend>,
  inspect: Inspector,
  run: Run,
  { concurrency, ffmpeg, signal }: ProcessOptions,
): Promise<Work> {
  const queues = ffmpeg === undefined ? [thumbnail.queue] : QUEUES
  const display = createDisplay(process.stdout)
  const processor = createProcessor(backend, { concurrency, ffmpeg })
  const notifier = createMediaNotifier(backend, run, (line) => display.note(`  → administrators: ${line}`))
  recordHistory(processor, run.history)
  show(processor, notifier, display)
  const started = performance.now()
  const work = { completed: 0, took: 0 }
  processor.on('completed', () => {
    work.completed++
    work.took = performance.now() - started
  })
  try {
    await Promise.all([processor.start(), notifier.start()])
    for (;;) {
      const snapshot = await takeSnapshot(inspect, queues)
      display.update({ jobs: snapshot.jobs, deliveries: snapshot.notifications })
      if (snapshot.isOver) return work
      await sleep(80, undefined, { signal })
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    display.close()
    await Promise.all([processor.close({ grace: '5s' }), notifier.close({ grace: '5s' })])
  }
}

/** Puts on the display what it does not count. */
function show(processor: Worker, notifier: Notifier, display: Display): void {
  processor.on('progress', ({ headers }, value) => display.busy(encoding(headers.name, value as Progress)))
  processor.on('completed', ({ name }) => {
    if (name === encode.name) display.busy(undefined)
  })
  notifier.on('undeliverable', ({ job, channel }, { error }) => {
    display.note(`  notification ${job.id} is undeliverable by ${channel}: ${String(error)}`)
  })
  for (const worker of [processor, notifier]) worker.on('error', (error) => display.note(`  ${String(error)}`))
}

function greeting({ items }: Inputs, { folder, continued }: Run, input: string | undefined): string {
  const images = items.filter(({ kind }) => kind === 'image').length
  const videos = items.length - images
  const what = [count(images, 'image'), ...(videos === 0 ? [] : [count(videos, 'video')])].join(' and ')
  const origin = input === undefined ? '(samples)' : `of ${shown(input)}`
  return `${continued ? 'Continuing' : 'Working'} on ${what} ${origin} in ${shown(folder)}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function encoding(name: string | undefined, { share }: Progress): string {
  return `encoding ${name}${share === undefined ? '' : ` ${Math.round(share * 100)} %`}`
}
