import type { NewJob } from '@jobport/core/adapter'
import type { Mutant } from './mutant.ts'

export const noDedup: Mutant = {
  name: 'no dedup',
  does: 'stores a second job for an id that it knows',
  caughtBy: ['A1.7', 'A1.8', 'A1.9', 'A1.11', 'A1.12', 'A1.14', 'B3.21', 'B4.5'],
  mutate: (backend, past) => ({
    async enqueue(jobs) {
      const copies = jobs.map((job) => {
        const count = Number(past.notes.get(job.id) ?? 0)
        past.notes.set(job.id, String(count + 1))
        return count === 0 ? job : { ...job, id: `${job.id}.${count}` }
      })
      return backend.enqueue(copies)
    },
  }),
}

export const noTombstone: Mutant = {
  name: 'no tombstone',
  does: 'forgets id and token together with the record',
  caughtBy: ['A1.12', 'A3.41'],
  mutate: (backend) => ({
    async settle(settlements) {
      const dropped = (index: number): boolean => {
        const settlement = settlements[index]!
        return settlement.to !== 'waiting' && settlement.keep === 0
      }
      const answers = await backend.settle(
        settlements.map((each) => (each.to === 'waiting' ? each : { ...each, keep: Math.max(each.keep, 1) })),
      )
      await backend.operate!.remove(settlements.filter((_, index) => dropped(index)).map(({ lease }) => lease.id))
      return answers
    },
  }),
}

export const uniqueIgnored: Mutant = {
  name: 'unique ignored',
  does: 'stores jobs whose unique key is taken',
  caughtBy: ['A5.1', 'A5.2', 'A5.3', 'A5.4', 'A5.14', 'B4.6', 'B4.18'],
  mutate: (backend) => ({ enqueue: (jobs) => backend.enqueue(jobs.map((job) => without(job, 'unique'))) }),
}

export const uniqueInTwoSteps: Mutant = {
  name: 'unique in two steps',
  does: 'looks whether a key is free, and takes it later',
  caughtBy: ['A5.3', 'B4.18'],
  mutate: (backend, past) => ({
    async enqueue(jobs) {
      const taken = jobs.map(({ queue, unique }) => unique && past.notes.get(`${queue} ${unique.key}`))
      await new Promise((resolve) => setImmediate(resolve))
      for (const { id, queue, unique } of jobs) if (unique !== undefined) past.notes.set(`${queue} ${unique.key}`, id)
      const free = jobs.filter((_, index) => taken[index] === undefined)
      const answers = await backend.enqueue(free.map((job) => without(job, 'unique')))
      return jobs.map((job, index) =>
        taken[index] === undefined ? answers[free.indexOf(job)]! : { status: 'duplicate', of: taken[index] },
      )
    },
  }),
}

function without(job: NewJob, option: keyof NewJob): NewJob {
  const { [option]: _, ...rest } = job
  return rest as NewJob
}

/** Leaves an option out, as if it were not known. */
function ignoring(option: keyof NewJob, caughtBy: readonly string[]): Mutant {
  return {
    name: `${option} ignored`,
    does: `leaves out the ${option} of new jobs`,
    caughtBy,
    mutate: (backend) => ({
      enqueue: (jobs) => backend.enqueue(jobs.map((job) => without(job, option))),
    }),
  }
}

export const delayIgnored = ignoring('delay', ['A1.18', 'A1.20', 'A6.2', 'B4.15'])
export const priorityIgnored = ignoring('priority', ['A1.21', 'A2.27', 'A2.28', 'B4.15'])
export const groupIgnored = ignoring('group', ['A10.1', 'A10.2', 'A10.4', 'A10.19', 'B3.24'])

export const payloadParsed: Mutant = {
  name: 'payload parsed',
  does: 'reads payloads and writes them anew',
  caughtBy: ['A14.2'],
  mutate: (backend) => ({
    enqueue: (jobs) =>
      backend.enqueue(jobs.map((job) => ({ ...job, payload: JSON.stringify(JSON.parse(job.payload)) }))),
  }),
}
