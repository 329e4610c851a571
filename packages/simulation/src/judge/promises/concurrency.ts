import type { PromiseOf } from '../promise.ts'

export const concurrency: PromiseOf = {
  name: 'concurrency',
  says: 'A worker starts no handler when as many run as it may run at once, and none when it closes.',
  unfenced: true,
  watch({ troubles, broken }) {
    const most = new Map<string, number>()
    /** The calls of handlers that are going on, and the jobs that keep them so. */
    const open = new Map<string, Map<number, Set<string>>>()
    return {
      on: {
        spawn({ by, concurrency }) {
          if (concurrency !== undefined) most.set(by, concurrency)
        },
        concurrency: ({ by, to }) => void most.set(by, to),
        start({ by, id, attempt, call }) {
          let calls = open.get(by)
          if (calls === undefined) open.set(by, (calls = new Map()))
          let jobs = calls.get(call)
          if (jobs === undefined) {
            const concerned = { jobs: [id], processes: [by] }
            if (calls.size >= most.get(by)!) {
              broken(`${by} started ${id} beside ${calls.size} others; it may run ${most.get(by)!}`, concerned)
            }
            if (troubles.closingAt(by) !== undefined) broken(`${by} started ${id} while closing`, concerned)
            calls.set(call, (jobs = new Set()))
          }
          jobs.add(`${id} ${attempt}`)
        },
        end: ({ by, id, attempt }) => leave(by, `${id} ${attempt}`),
        told({ by, event, id, attempt }) {
          if (event === 'abandoned') leave(by, `${id} ${attempt}`)
        },
      },
    }

    function leave(by: string, job: string): void {
      const calls = open.get(by)
      for (const [call, jobs] of calls ?? []) if (jobs.delete(job) && jobs.size === 0) calls!.delete(call)
    }
  },
}
