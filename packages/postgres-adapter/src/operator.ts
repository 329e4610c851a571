import type { Cancellation, CancelRequest, JobId, NewJob, Operator, PurgeRequest } from '@jobport/core/adapter'
import { ADMISSION, duration } from './limits.ts'
import type { Live } from './live.ts'
import { parseNumbers, plainArray } from './wire/array.ts'
import { keyOf } from './wire/key.ts'
import { newJobValues, NO_JOBS } from './wire/new-jobs.ts'
import { STATES } from './wire/record.ts'

const CANCELLATIONS: Readonly<Record<number, Cancellation>> = {
  1: 'cancelled',
  2: 'requested',
  3: 'finished',
  4: 'not-found',
}

/** Acts on the jobs of a backend; `opened` refuses while it is not open. */
export class PostgresOperator implements Operator {
  readonly #opened: () => Live

  constructor(opened: () => Live) {
    this.#opened = opened
  }

  async cancel(requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
    const live = this.#opened()
    const { line, statements, names } = live
    for (const { id, then } of requests) {
      const refused = ADMISSION.refuseFollowers(then, id)
      if (refused !== undefined) throw refused
    }
    if (requests.length === 0) return []
    const followers: NewJob[] = []
    const parents: number[] = []
    requests.forEach(({ then = [] }, index) => {
      for (const job of then) {
        followers.push(job)
        parents.push(index + 1)
      }
    })
    const learning = names.learn(followers)
    if (learning !== undefined) await learning
    const [row] = await line.ask(statements.cancel, [
      plainArray(requests.map(({ id }) => keyOf(id))),
      plainArray(requests.map(({ keep }) => duration(keep))),
      ...(followers.length === 0 ? [null, ...NO_JOBS] : [plainArray(parents), ...newJobValues(followers, names.kind)]),
    ])
    const answers = parseNumbers(row![0])
    if (answers.includes(1)) {
      live.news.finish()
      live.news.wakeAll()
      live.news.stir(new Set(followers.map(({ queue }) => queue)))
    }
    return answers.map((answer) => CANCELLATIONS[answer]!)
  }

  async retry(ids: readonly JobId[]): Promise<readonly boolean[]> {
    return this.#change('retry', ids)
  }

  async remove(ids: readonly JobId[]): Promise<readonly boolean[]> {
    return this.#change('remove', ids)
  }

  async pause(queue: string): Promise<void> {
    const { line, statements } = this.#opened()
    await line.ask(statements.pause, [queue, true])
  }

  async resume(queue: string): Promise<void> {
    const live = this.#opened()
    await live.line.ask(live.statements.pause, [queue, false])
    live.news.stir([queue])
  }

  async purge({ queue, state, limit }: PurgeRequest): Promise<number> {
    const live = this.#opened()
    const { line, statements, names } = live
    if (limit <= 0) return 0
    await names.learnQueue(queue)
    const [row] = await line.ask(statements.purge, [names.queue(queue), STATES[state], limit])
    live.news.wakeAll()
    return Number(row![0])
  }

  async #change(verb: 'retry' | 'remove', ids: readonly JobId[]): Promise<readonly boolean[]> {
    const live = this.#opened()
    const { line, statements } = live
    if (ids.length === 0) return []
    const [row] = await line.ask(statements[verb], [plainArray(ids.map(keyOf))])
    const answers = (row![0] as string).slice(1, -1).split(',')
    live.news.wakeAll()
    return answers.map((answer) => answer === 't')
  }
}
