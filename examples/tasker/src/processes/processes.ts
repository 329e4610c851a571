import type { Backend } from '@jobport/core'
import type { Heartbeats } from './heartbeats.ts'
import { API, PROCESS_NAMES, statusOf, type Health, type ProcessStatus } from './process-status.ts'
import type { Suspensions } from './suspensions.ts'

export interface ProcessesOptions {
  readonly suspensions: Suspensions
  readonly heartbeats: Heartbeats
  /** SQS, alone. */
  readonly broker: Pick<Backend, 'health'>
  /** Whether messages of a task cannot be sent. */
  readonly isDown: (task: string) => boolean
}

/** How all processes are, as far as this one can see. */
export class Processes {
  readonly #options: ProcessesOptions

  constructor(options: ProcessesOptions) {
    this.#options = options
  }

  /** Never rejects: a database that is away is an answer. */
  async statuses(): Promise<Readonly<Record<string, ProcessStatus>>> {
    const { broker, isDown } = this.#options
    const [{ reachable }, known] = await Promise.all([broker.health(), this.#known().catch(() => undefined)])
    if (known === undefined) return Object.fromEntries(PROCESS_NAMES.map((process) => [process, 'error']))
    const canSend = (process: string): boolean =>
      reachable && (process === API ? !PROCESS_NAMES.some(isDown) : !isDown(process))
    return Object.fromEntries(
      PROCESS_NAMES.map((process) => [
        process,
        statusOf({
          suspended: known.suspended.includes(process),
          canSend: canSend(process),
          servers: process === API ? ['active'] : (known.servers.get(process) ?? []),
        }),
      ]),
    )
  }

  async #known(): Promise<{ readonly suspended: readonly string[]; readonly servers: Map<string, Health[]> }> {
    const { suspensions, heartbeats } = this.#options
    const [suspended, live] = await Promise.all([suspensions.among(PROCESS_NAMES), heartbeats.live()])
    const servers = new Map<string, Health[]>()
    for (const { task, status } of live) servers.set(task, [...(servers.get(task) ?? []), status])
    return { suspended, servers }
  }
}
