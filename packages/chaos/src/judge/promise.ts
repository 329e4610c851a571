import type { Setting } from '../plan/setting.ts'
import type { Ledger } from './ledger.ts'

/** Something that must hold in every history. */
export interface PromiseOf {
  readonly name: string
  /** What is promised, in a sentence. */
  readonly says: string
  readonly check: (court: Court) => void
}

export interface Court {
  readonly setting: Setting
  readonly ledger: Ledger
  /** The promise is broken, by what happened to these jobs. */
  readonly broken: (how: string, ...jobs: readonly string[]) => void
}
