import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobRecord } from '@jobport/core'
import { sqliteBackend } from '@jobport/sqlite-adapter'
import { expect, it } from 'vitest'
import type { HistoryLine } from '../src/demo/run/history.ts'
import { randomOf } from '../src/samples/random.ts'
import { readHistory, readOutbox, runsIn, startProgram, workFolder, type Program } from './program.ts'
import { sharedSamples } from './samples.ts'

const KILLS = 5
const SEED = Number(process.env.KILL_SEED ?? 11)

it('killed again and again, it ends with every job finished exactly once', { timeout: 180_000 }, async () => {
  const random = randomOf(SEED)
  const work = await workFolder(await sharedSamples())
  const finished = new Map<string, JobRecord>()
  for (let kill = 0; kill < KILLS; kill++) {
    const program = startProgram(['--output', work])
    await untilHistoryGrows(work, program, 2 + Math.floor(random() * 12))
    program.process.kill('SIGKILL')
    await program.endsWith('SIGKILL')
    const records = await finishedJobs(await onlyRun(work))
    expect(records).toEqual(expect.arrayContaining([...finished.values()]))
    for (const record of records) finished.set(record.id, record)
  }
  expect(finished.size).toBeGreaterThan(KILLS)

  const last = startProgram(['--output', work])
  await last.endsWith(0)
  expect(last.output()).toContain('Continuing on 37 images')
  const run = await onlyRun(work)
  const records = await finishedJobs(run)
  expect(records).toEqual(expect.arrayContaining([...finished.values()]))
  expect(records.filter(({ state }) => state === 'completed')).toHaveLength(38)
  expect(records.filter(({ state }) => state === 'dead')).toHaveLength(1)

  expect(await doneAgain(run)).toEqual([])
  const [users, admins] = [await readOutbox(run, 'users'), await readOutbox(run, 'admins')]
  expect(users.map(({ job }) => job.id).toSorted()).toEqual(records.map(({ id }) => id).toSorted())
  expect(admins.map(({ job }) => job.id)).toEqual(records.flatMap(({ id, state }) => (state === 'dead' ? [id] : [])))
  expect(await readdir(join(run, 'thumbnails'))).toHaveLength(37)
  expect(await readdir(join(run, 'videos'))).toHaveLength(1)
})

/** Waits until so much more has happened to jobs than when the program was started. */
async function untilHistoryGrows(work: string, program: Program, lines: number): Promise<void> {
  const length = async (): Promise<number> => {
    const [run] = await runsIn(work)
    return run === undefined ? 0 : (await readHistory(run)).length
  }
  const before = await length()
  while (!program.hasEnded() && (await length()) < before + lines) await sleep(3)
}

async function onlyRun(work: string): Promise<string> {
  const runs = await runsIn(work)
  expect(runs).toHaveLength(1)
  return runs[0]!
}

async function finishedJobs(run: string): Promise<readonly JobRecord[]> {
  const backend = sqliteBackend({ file: join(run, 'jobs.sqlite') })
  await backend.open()
  try {
    const lists = ['images', 'videos'].flatMap((queue) =>
      (['completed', 'dead'] as const).map((state) => backend.inspect.list({ queue, state, limit: 1_000 })),
    )
    return (await Promise.all(lists)).flatMap(({ jobs }) => jobs)
  } finally {
    await backend.close()
  }
}

/** Jobs that were begun or ended after they had finished. A stale attempt may still notice that it lost. */
async function doneAgain(run: string): Promise<readonly HistoryLine[]> {
  const finished = new Set<string>()
  const again: HistoryLine[] = []
  for (const line of await readHistory(run)) {
    if (finished.has(line.job) && line.event !== 'lost') again.push(line)
    if (line.event === 'completed' || line.event === 'dead') finished.add(line.job)
  }
  return again
}
