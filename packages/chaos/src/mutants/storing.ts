import { setTimeout as sleep } from 'node:timers/promises'
import type { NewJob, Settlement } from '@jobport/core/adapter'
import { changed } from './changed.ts'
import type { Mutant } from './mutant.ts'

export const newIds: Mutant = {
  flaw: 'a repeated enqueue is not recognised',
  shows: /^storage: .*two jobs/,
  by: 'kill producer',
  change(backend) {
    let tries = 0
    const renamed = (job: NewJob): NewJob => ({ ...job, id: `${job.id}-${process.pid}-${++tries}` })
    return changed(backend, { enqueue: (jobs) => backend.enqueue(jobs.map(renamed)) })
  },
}

export const acceptFirst: Mutant = {
  flaw: 'jobs are accepted before they are stored',
  shows: /^storage: .*is gone/,
  by: 'kill producer',
  change: (backend) =>
    changed(backend, {
      async enqueue(jobs) {
        void sleep(500).then(() => backend.enqueue(jobs))
        return jobs.map(() => ({ status: 'enqueued' }))
      },
    }),
}

export const uniqueBlind: Mutant = {
  flaw: 'unique keys are not looked at',
  shows: /^unique: /,
  by: 'kill worker',
  change: (backend) =>
    changed(backend, { enqueue: (jobs) => backend.enqueue(jobs.map((job) => without('unique', job))) }),
}

export const groupBlind: Mutant = {
  flaw: 'jobs of a group are like others',
  shows: /^groups: /,
  by: 'kill worker',
  change: (backend) =>
    changed(backend, { enqueue: (jobs) => backend.enqueue(jobs.map((job) => without('group', job))) }),
}

export const separateFollowUps: Mutant = {
  flaw: 'what follows from an outcome is stored a moment after the outcome',
  shows: /^(follow-ups|notifications): /,
  by: 'kill worker',
  change: (backend) =>
    changed(backend, {
      exchange: undefined,
      async settle(settlements) {
        const followers = settlements.flatMap(({ then = [] }) => then)
        const replies = await backend.settle(settlements.map(withoutFollowers))
        if (followers.length > 0) {
          await sleep(400)
          await backend.enqueue(followers)
        }
        return replies
      },
    }),
}

export const muteOutcomes: Mutant = {
  flaw: 'nothing follows from an outcome that was late',
  shows: /^(follow-ups|notifications): /,
  by: 'kill worker',
  change: (backend) =>
    changed(backend, {
      exchange: undefined,
      settle: (settlements) =>
        backend.settle(settlements.map((each) => (each.lease.token.startsWith('1:') ? each : withoutFollowers(each)))),
    }),
}

function withoutFollowers(settlement: Settlement): Settlement {
  return without('then', settlement)
}

function without<Item extends object>(member: keyof Item, item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== member)) as Item
}
