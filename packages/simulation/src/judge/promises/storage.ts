import { isFinal } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const storage: PromiseOf = {
  name: 'storage',
  says: 'An accepted job is one job, and comes to an end; no job comes from nowhere.',
  unfenced: true,
  watch({ ledger, scenario, broken }) {
    const accepted = new Map<string, string>()
    const made = new Map<string, string>()
    return {
      see(event) {
        if (event.type === 'accepted') accepted.set(event.id, event.by)
        if (event.type === 'accepted' && !ledger.jobs.has(event.id)) {
          broken(`${event.id} was accepted and never stored`, { jobs: [event.id], processes: [event.by] })
        }
        if (event.type === 'claim' && !ledger.jobs.has(event.id)) {
          broken(`${event.id} was claimed and never enqueued`, { jobs: [event.id] })
        }
        if (event.type === 'enqueue' && event.status === 'enqueued') {
          const other = event.key === undefined || event.name.startsWith('jobport.') ? undefined : made.get(event.key)
          if (other !== undefined)
            broken(`${event.key} became two jobs, ${other} and ${event.id}`, { jobs: [other, event.id] })
          if (ledger.jobs.has(event.id)) broken(`${event.id} was enqueued twice`, { jobs: [event.id] })
          if (event.key !== undefined) made.set(event.key, event.id)
        }
        if (event.type === 'unhandled') broken(`a promise was rejected and nobody cared: ${event.message}`, {})
      },
      end(history) {
        const records = new Map(
          history.flatMap((event) => (event.type === 'record' ? [[event.id, event] as const] : [])),
        )
        for (const id of accepted.keys()) {
          const state = records.get(id)?.state
          if (state === undefined) broken(`${id} was accepted and is gone`, { jobs: [id] })
          else if (!isFinal({ state: state as never }))
            broken(`${id} was accepted and is still ${state}`, { jobs: [id] })
        }
        for (const { id } of ledger.jobs.values()) {
          const state = records.get(id)?.state
          if (accepted.has(id)) continue
          if (state === undefined && scenario.fenced) broken(`${id} was stored and is gone`, { jobs: [id] })
          else if (state !== undefined && !isFinal({ state: state as never }))
            broken(`${id} never ended: it is ${state}`, { jobs: [id] })
        }
        for (const [id, { state, attempt, failures, crashes }] of records) {
          const job = ledger.jobs.get(id)
          if (job === undefined) {
            broken(`${id} came from nowhere`, { jobs: [id] })
            continue
          }
          if (!scenario.fenced) continue
          const told = `${state} ${attempt} ${failures} ${crashes}`
          const known = `${job.state} ${job.attempt} ${job.failures} ${job.crashes}`
          if (told !== known)
            broken(`${id} is recorded as ${told}, but what was granted makes it ${known}`, { jobs: [id] })
        }
      },
    }
  },
}
