import { expect, it } from 'vitest'
import { warmUp, type Terms } from './effort.ts'

/** Answers how many jobs are measured, and how many were run before, for a system that handles `rate` jobs a second. */
async function measured(rate: number, terms: Partial<Terms> = {}): Promise<{ jobs: number; before: number }> {
  let time = 0
  let before = 0
  const size = { full: 100_000, quick: 10_000, least: 50_000 }
  const run = async (jobs: number): Promise<void> => {
    time += jobs / rate
    before += jobs
  }
  const jobs = await warmUp({ size, quick: false, ours: false, ...terms }, run, {
    wall: () => time,
    cpu: () => time / 2,
  })
  return { jobs, before }
}

it('takes all jobs where the system is fast enough, and warms it up with half of them or more', async () => {
  await expect(measured(200_000)).resolves.toEqual({ jobs: 100_000, before: 62_000 })
})

it('warms up with as many jobs as are said to be enough, if they are more than are measured', async () => {
  const size = { full: 10_000, quick: 1_000, warm: 40_000 }
  await expect(measured(200_000, { size })).resolves.toEqual({ jobs: 10_000, before: 42_600 })
})

it('takes fewer of a slow system', async () => {
  await expect(measured(4_123)).resolves.toEqual({ jobs: 12_000, before: 14_000 })
})

it('takes at least a lot like those before', async () => {
  await expect(measured(100)).resolves.toEqual({ jobs: 2_000, before: 2_000 })
})

it('lets each of several processes do as many as one alone would', async () => {
  await expect(measured(200_000, { processes: 4 })).resolves.toEqual({ jobs: 100_000, before: 226_000 })
})

it('holds ours to the least, but not in a quick run', async () => {
  await expect(measured(4_000, { ours: true })).resolves.toMatchObject({ jobs: 50_000 })
  await expect(measured(4_000, { ours: true, quick: true })).resolves.toMatchObject({ jobs: 4_000 })
})
