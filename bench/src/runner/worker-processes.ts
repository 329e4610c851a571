import { fork, type ChildProcess } from 'node:child_process'
import type { Workers } from '../scenario.ts'
import type { Tally } from '../scenarios/tally.ts'
import type { Task } from './task.ts'

const program = new URL('./worker-process.ts', import.meta.url)

export type Order =
  | { readonly prepare: Task }
  | { readonly work: number; readonly jobs: number }
  | { readonly settle: true }
  | { readonly stop: true }

export type Notice =
  | { readonly prepared: true }
  | { readonly handled: number }
  | { readonly settled: true }
  /** How often each job was handled there. */
  | { readonly stopped: Uint8Array }

type Kind = 'prepared' | 'settled' | 'stopped'

/** Processes that work for one system, as many as were started, until they are ended. */
export class WorkerProcesses implements Workers {
  readonly #processes: readonly ChildProcess[]
  #tally: Tally | undefined

  static async start(count: number, task: Task): Promise<WorkerProcesses> {
    const processes = Array.from({ length: count }, () => fork(program, { serialization: 'advanced' }))
    const workers = new WorkerProcesses(processes)
    await workers.#order({ prepare: task }, 'prepared')
    return workers
  }

  private constructor(processes: readonly ChildProcess[]) {
    this.#processes = processes
    for (const each of processes) {
      each.on('message', (notice: Notice) => {
        if ('handled' in notice) this.#tally?.progress(notice.handled)
      })
      each.once('exit', () => this.#tally?.fail(endedEarly()))
    }
  }

  work(concurrency: number, tally: Tally): void {
    this.#tally = tally
    for (const each of this.#processes) each.send({ work: concurrency, jobs: tally.size } satisfies Order)
  }

  async settled(): Promise<void> {
    await this.#order({ settle: true }, 'settled')
  }

  async stop(): Promise<void> {
    const notices = await this.#order({ stop: true }, 'stopped')
    for (const notice of notices) if ('stopped' in notice) this.#tally?.add(notice.stopped)
  }

  end(): void {
    for (const each of this.#processes) each.disconnect()
  }

  #order(order: Order, answer: Kind): Promise<readonly Notice[]> {
    return Promise.all(this.#processes.map((each) => ask(each, order, answer)))
  }
}

/** Rejects when the process ends instead of answering. */
function ask(process: ChildProcess, order: Order, answer: Kind): Promise<Notice> {
  return new Promise((resolve, reject) => {
    const listen = (notice: Notice): void => {
      if (!(answer in notice)) return
      process.off('message', listen).off('exit', fail)
      resolve(notice)
    }
    const fail = (): void => reject(endedEarly())
    process.on('message', listen).once('exit', fail)
    process.send(order)
  })
}

function endedEarly(): Error {
  return new Error('a worker process ended early')
}
