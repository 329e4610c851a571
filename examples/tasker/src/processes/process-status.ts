import { TASK_NAMES } from '../tasks/catalogue.ts'

/** What a process says of itself: it is well, something in it failed, or it cannot send to or receive from SQS. */
export type Health = 'active' | 'error' | 'queue'

/** What clients see: `suspended` is nothing that happens, a client has said so. */
export type ProcessStatus = Health | 'suspended'

/** The process that takes requests. Every other is a task. */
export const API = 'api'

export const PROCESS_NAMES: readonly string[] = [API, ...TASK_NAMES]

/** What is known of everything that serves a process. */
export interface Evidence {
  readonly suspended: boolean
  /** Whether messages for it can be sent. */
  readonly canSend: boolean
  /** What those say who serve it and are alive. */
  readonly servers: readonly Health[]
}

/** One server that is well is enough for a process to be well; one that has nobody is not. */
export function statusOf({ suspended, canSend, servers }: Evidence): ProcessStatus {
  if (suspended) return 'suspended'
  if (!canSend) return 'queue'
  if (servers.includes('active')) return 'active'
  return servers.includes('queue') ? 'queue' : 'error'
}
