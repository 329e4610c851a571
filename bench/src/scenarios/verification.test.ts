import { describe, expect, it } from 'vitest'
import { inputAt, type Input } from '../input.ts'
import type { Stage } from '../scenario.ts'
import type { System } from '../system.ts'
import { backlog } from './backlog.ts'
import { drain } from './drain.ts'
import { enqueueInBulk } from './enqueue.ts'
import { Tally } from './tally.ts'

const size = { full: 3, quick: 3 }

/** A system that hands out whatever `deliver` makes of what it was given. */
function systemThat(deliver: (stored: readonly Input[]) => readonly Input[], unfinished = 0): System {
  const stored: Input[] = []
  return {
    configuration: '',
    versions: {},
    prepare: async () => {},
    enqueueOne: async (input) => void stored.push(input),
    enqueueMany: async (inputs) => void stored.push(...inputs),
    async work(_, handle) {
      for (const input of deliver(stored.splice(0))) await handle(input)
      return { settled: async () => {}, stop: async () => {} }
    },
    unfinished: async () => unfinished,
    close: async () => {},
  }
}

/** Hands out what waits, also what comes meanwhile, but the job `lost`. */
function flowing(lost?: number): System {
  const waiting: Input[] = []
  return {
    ...systemThat((stored) => stored),
    enqueueMany: async (inputs) => void waiting.push(...inputs),
    async work(_, handle) {
      const work = async (): Promise<void> => {
        for (let job = waiting.shift(); job; job = waiting.shift()) {
          await handle(job.number === inputAt(lost ?? -1).number ? inputAt(0) : job)
        }
      }
      const done = work()
      return { settled: () => done, stop: async () => {} }
    },
  }
}

function stage(system: System): Stage {
  return {
    system,
    server: undefined,
    workers: undefined,
    async measure(work) {
      await work()
      return { seconds: 2, cpuSeconds: 1, serverCpuSeconds: undefined }
    },
  }
}

describe('a scenario', () => {
  it('answers the rate of a system that tells the truth', async () => {
    const honest = stage(systemThat((stored) => stored))
    await expect(drain({ concurrency: 1, size }).run(honest, 4)).resolves.toEqual({ 'drain-c1': 2 })
    await expect(enqueueInBulk(size).run(honest, 4)).resolves.toEqual({ 'enqueue-bulk': 2 })
  })

  it('fails when a job is handled twice in place of another', async () => {
    const system = systemThat((stored) => [...stored.slice(1), stored[1]!])
    const verdict = 'of 3 jobs 1 were never handled and 1 more than once (3 calls)'
    await expect(drain({ concurrency: 1, size }).run(stage(system), 3)).rejects.toThrow(verdict)
    await expect(enqueueInBulk(size).run(stage(system), 3)).rejects.toThrow(verdict)
  })

  it('fails when a job is handled once too often', async () => {
    const system = systemThat((stored) => [...stored, stored[0]!])
    await expect(drain({ concurrency: 1, size }).run(stage(system), 3)).rejects.toThrow('1 more than once (4 calls)')
  })

  it('fails when the system has not finished what was handled', async () => {
    const system = systemThat((stored) => stored, 2)
    await expect(drain({ concurrency: 1, size }).run(stage(system), 3)).rejects.toThrow('2 jobs were handled but')
  })
})

describe('a backlog', () => {
  const scenario = backlog({ label: '1k', share: 0.5, size: { full: 5000, quick: 5000 } })

  it('measures the jobs that go through it, not those that wait', async () => {
    await expect(scenario.run(stage(flowing()), 5000)).resolves.toEqual({ 'drain-c100-1k-waiting': 2500 })
  })

  it('fails when a job is lost among those that wait', async () => {
    await expect(scenario.run(stage(flowing(7000)), 5000)).rejects.toThrow('of 7500 jobs 1 were never handled')
  })
})

it('a tally takes what other processes have handled, and finds what two of them did', async () => {
  const processes = [
    [0, 1],
    [2, 1],
  ].map((indexes) => {
    const tally = new Tally(3)
    for (const index of indexes) tally.note(inputAt(index))
    return tally
  })
  const all = new Tally(3)
  for (const { handled, times } of processes) {
    all.progress(handled)
    all.add(times)
  }
  await all.complete()
  expect(() => all.verify()).toThrow('of 3 jobs 0 were never handled and 1 more than once (4 calls)')
})

it('a tally gives up when nothing comes any more', async () => {
  const tally = new Tally(2)
  tally.note(inputAt(0))
  await expect(tally.complete(5)).rejects.toThrow('1 of 2 jobs were handled, then none for 0.005 s')
})

it('a tally gives up at once when what works for it has failed', async () => {
  const tally = new Tally(2)
  const complete = tally.complete()
  tally.fail(new Error('a worker process ended early'))
  await expect(complete).rejects.toThrow('ended early')
})
