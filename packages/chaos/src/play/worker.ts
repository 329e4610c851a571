import { setTimeout as sleep } from 'node:timers/promises'
import { createWorker, fixed, handle, type HandlerContext, type JobInfo, type Worker } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { createNotificationWorker } from '@jobport/core/notify'
import type { HistoryFile } from '../history/history-file.ts'
import { jobPlan } from '../plan/job-plan.ts'
import { LEASE, MAX_CRASHES } from '../plan/setting.ts'
import { dying, followed, follower, notified, plain, type Decided, type Keyed } from './definitions.ts'

const options = { concurrency: 20, lease: LEASE, maxCrashes: MAX_CRASHES, abortGrace: 500 } as const
const GRACE = 1_000

/** Works until it is asked to end. */
export async function work(backend: Backend, history: HistoryFile, ready: () => void): Promise<void> {
  const run = (input: Keyed, context: HandlerContext<Decided>): Promise<Decided> =>
    perform(input, context, history, backend.features.state)
  const handlers = [plain, follower, followed, notified, dying].map((definition) => handle(definition, run))
  await runUntilAsked(createWorker(backend, handlers, options), history, ready)
}

/** Delivers notifications until it is asked to end. Some fail the first time. */
export async function deliver(backend: Backend, history: HistoryFile, ready: () => void): Promise<void> {
  const worker = createNotificationWorker(
    backend,
    ({ id: notification, job, event: outcome }, { job: { id, attempt } }) => {
      history.add({ type: 'start', id, attempt })
      const fails = attempt === 1 && id.charCodeAt(id.length - 1) % 5 === 0
      if (!fails) history.add({ type: 'deliver', notification, id: job.id, outcome })
      history.add({ type: 'end', id, attempt, how: fails ? 'Error' : 'returned' })
      if (fails) throw new Error('planned')
    },
    { ...options, retry: { retries: 15, backoff: fixed(50) }, keep: '6h' },
  )
  await runUntilAsked(worker, history, ready)
}

async function runUntilAsked(worker: Worker, history: HistoryFile, ready: () => void): Promise<void> {
  for (const event of ['lost', 'abandoned', 'released'] as const)
    worker.on(event, (...[{ id, attempt }]: readonly [JobInfo, ...unknown[]]) =>
      history.add({ type: 'told', event, id, attempt }),
    )
  worker.on('error', (error) => history.add({ type: 'error', message: String(error) }))
  process.once('SIGTERM', () => history.add({ type: 'closing' }))
  for (;;) {
    try {
      await worker.start()
      break
    } catch (error) {
      // Started while the server is away.
      history.add({ type: 'error', message: String(error) })
      await sleep(200)
    }
  }
  ready()
  await worker.run({ grace: GRACE })
  history.add({ type: 'closed' })
}

async function perform(
  { key }: Keyed,
  { job, signal }: HandlerContext<Decided>,
  history: HistoryFile,
  isCounted: boolean,
): Promise<Decided> {
  const { id, attempt, failures, crashes } = job
  history.add({ type: 'start', id, attempt })
  const end = (how: string): void => void history.add({ type: 'end', id, attempt, how })
  // A follower does nothing, and does it at once.
  const { kind, takes, fails } = key.startsWith('after ') ? FOLLOWER : jobPlan(Number(key.slice('job-'.length)))
  // A broker alone does not tell crashes from each other: it would hand such a job out for ever.
  if (kind === 'poison' && (isCounted || crashes === 0)) process.kill(process.pid, 'SIGKILL')
  try {
    if (takes > 0) await sleep(takes, undefined, kind === 'deaf' ? {} : { signal })
  } catch (error) {
    end('aborted')
    throw error
  }
  if (failures < fails) {
    end('Error')
    throw new Error('planned')
  }
  end('returned')
  return { key, attempt }
}

const FOLLOWER = { kind: 'plain', takes: 0, fails: 0 } as const
