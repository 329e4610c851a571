import type { Ms } from '@jobport/core'
import type { MutantName } from '../mutants/mutants.ts'
import type { Endpoint } from '../server/endpoint.ts'

/** What a process is told when it is started. */
export interface Part {
  readonly role: 'producer' | 'worker' | 'notifier'
  /** Which of its role. */
  readonly index: number
  /** Its life: each restart is another process. */
  readonly name: string
  readonly folder: string
  readonly origin: Ms
  readonly endpoint: Endpoint
  readonly mutant?: MutantName
  /** For a producer. */
  readonly jobs: number
  /** Jobs a second that all producers together enqueue. */
  readonly rate: number
  /** When, after the origin, the first job is due. */
  readonly from: Ms
  /** The jobs that earlier lives have had accepted. */
  readonly accepted: readonly string[]
}
