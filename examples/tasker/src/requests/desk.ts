import type { Enqueuer, StoredFeatures } from '@jobport/core'
import { randomUUID } from 'node:crypto'
import type { Answers } from '../answers/answers.ts'
import { jobOf } from '../jobs/definitions.ts'
import { API } from '../processes/process-status.ts'
import type { Suspensions } from '../processes/suspensions.ts'
import type { Task } from '../tasks/task.ts'
import type { Requests } from './requests.ts'

export type Reception =
  | { readonly outcome: 'cached' | 'queued'; readonly id: string }
  | { readonly outcome: 'suspended'; readonly process: string }

export interface DeskOptions {
  readonly suspensions: Suspensions
  readonly answers: Answers
  readonly requests: Requests
  readonly queue: Pick<Enqueuer<StoredFeatures<any>>, 'enqueue'>
}

/** Where requests are taken in. */
export class Desk {
  readonly #options: DeskOptions

  constructor(options: DeskOptions) {
    this.#options = options
  }

  async take(client: string, task: Task, params: object): Promise<Reception> {
    const { suspensions, answers, requests } = this.#options
    const [[process], known] = await Promise.all([suspensions.among([API, task.name]), answers.find(task, params)])
    if (process !== undefined) return { outcome: 'suspended', process }
    const cached = known !== undefined
    // The job first: what is listed exists. Should we die in between, the client has no id, and finds the answer when it asks again.
    const id = cached ? randomUUID() : (await this.#options.queue.enqueue(jobOf(task), params)).id
    await requests.add({ id, client, task: task.name, params, cached })
    return { outcome: cached ? 'cached' : 'queued', id }
  }
}
