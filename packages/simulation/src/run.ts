// oxlint-disable unicorn/require-post-message-target-origin -- that is about windows, these are threads
// pnpm simulate [--seeds N] [--from S] [--seed S] [--verbose] [--mutants]
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { hashOf } from './history/history.ts'
import { mutants } from './mutants/mutants.ts'
import { describe } from './report/excerpt.ts'
import { describeFailure } from './report/failure.ts'
import type { Share, ShareReport } from './share.ts'
import { catchMutant, trySeed } from './try-seed.ts'

const SHARE = 50
const DEFAULT_SEEDS = 2_000
const MUTANT_SEEDS = 500
const FAILURES_SHOWN = 3

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: String(DEFAULT_SEEDS) },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
  },
})

if (values.mutants) await runMutants()
else if (values.seed === undefined) await runSeeds(whole(values.from, 'from'), whole(values.seeds, 'seeds'))
else await runOne(whole(values.seed, 'seed'), values.verbose)

/** One seed, here, with all that there is to see. */
async function runOne(seed: number, verbose: boolean): Promise<void> {
  const trial = await trySeed(seed)
  if (verbose) {
    console.log(JSON.stringify(trial.scenario, undefined, 2))
    for (const event of trial.history) console.log(describe(event))
    console.log()
  }
  console.log(describeFailure(trial))
  console.log(`${trial.history.length} events, sha256 ${hashOf(trial.history)}`)
  if (trial.violations.length > 0) process.exitCode = 1
}

/** Many seeds, shared among threads. */
async function runSeeds(from: number, count: number): Promise<void> {
  const started = performance.now()
  const failed: number[] = []
  let done = 0
  let events = 0
  let next = from
  const share = (): Share | undefined => {
    if (next >= from + count) return undefined
    const first = next
    next = Math.min(next + SHARE, from + count)
    return { from: first, to: next }
  }
  const progress = (): void => {
    const rate = Math.round((done / (performance.now() - started)) * 1_000)
    const text = `${done} of ${count} seeds, ${rate} a second, ${failed.length} failed`
    if (process.stdout.isTTY) process.stdout.write(`\r${text} `)
    else if (done % (SHARE * 10) === 0 || done === count) console.log(text)
  }
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('share.ts', import.meta.url))
      const give = (): void => worker.postMessage(share())
      worker.on('message', (report: ShareReport) => {
        done += report.seeds
        events += report.events
        failed.push(...report.failed)
        progress()
        give()
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve())
      give()
    })
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), Math.ceil(count / SHARE)) }, work))
  const seconds = (performance.now() - started) / 1_000
  if (process.stdout.isTTY) console.log()
  for (const seed of failed.toSorted((a, b) => a - b).slice(0, FAILURES_SHOWN)) {
    console.log(`\n${describeFailure(await trySeed(seed))}`)
  }
  if (failed.length > 0) {
    console.log(`\n${failed.length} of ${count} seeds broke a promise: ${failed.slice(0, 20).join(', ')}`)
    process.exitCode = 1
  }
  console.log(`${count} seeds with ${events} events in ${seconds.toFixed(1)} s`)
}

/** Whether the judge sees what is wrong with each mutant. */
async function runMutants(): Promise<void> {
  for (const mutant of mutants) {
    const capture = await catchMutant(mutant, MUTANT_SEEDS)
    if (capture === undefined) {
      console.log(`✗ ${mutant.name.padEnd(24)} not caught by ${MUTANT_SEEDS} seeds: ${mutant.flaw}`)
      process.exitCode = 1
      continue
    }
    const { seed, violation } = capture
    console.log(`✓ ${mutant.name.padEnd(24)} seed ${String(seed).padEnd(4)} ${violation.promise}: ${violation.how}`)
  }
}

function whole(text: string, option: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0) return number
  console.error(`--${option} ${text} is not a number of seeds; give an integer from 0 up`)
  process.exit(2)
}
