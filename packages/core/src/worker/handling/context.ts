import type { JobDefinition } from '../../definition/define-job.ts'
import type { NewJobOptions } from '../../definition/new-job.ts'
import { keepShape } from '../../kit/keep-shape.ts'
import type { ActiveJob, BatchJob, HandlerContext } from './handler.ts'
import type { Run } from '../run.ts'

/** What a context asks of the worker. */
export interface ContextActions {
  readonly progress: (run: Run, value: unknown) => void
  readonly log: (run: Run, message: string) => void
  readonly followUp: (run: Run, definition: JobDefinition, input: unknown, options: NewJobOptions | undefined) => void
  readonly complete: (run: Run, tx: unknown, result: unknown) => Promise<void>
}

/** Members are made when they are taken: most handlers use none or one of them, and there is a context for every job. */
export class Context implements HandlerContext<any> {
  readonly #run: Run
  readonly #actions: ContextActions

  constructor(run: Run, actions: ContextActions) {
    this.#run = run
    this.#actions = actions
  }

  get signal(): AbortSignal {
    return this.#run.signal
  }

  get job(): ActiveJob<any> {
    const run = this.#run
    const complete = (tx: unknown, result?: unknown): Promise<void> => this.#actions.complete(run, tx, result)
    return { ...run.info, complete }
  }

  get progress(): HandlerContext['progress'] {
    return (value) => this.#actions.progress(this.#run, value)
  }

  get log(): HandlerContext['log'] {
    return (message) => this.#actions.log(this.#run, message)
  }

  get followUp(): HandlerContext['followUp'] {
    return (definition, input, options) => this.#actions.followUp(this.#run, definition, input, options)
  }
}

keepShape(new Context({} as Run, {} as ContextActions))

export class BatchContext extends Context implements BatchJob<unknown> {
  readonly input: unknown

  constructor(run: Run, actions: ContextActions, input: unknown) {
    super(run, actions)
    this.input = input
  }
}
