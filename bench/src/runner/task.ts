/** One round of one scenario on one system: the work of one child process. */
export interface Task {
  readonly suite: string
  readonly scenario: string
  readonly system: string
  readonly quick: boolean
  /** Empty, and removed afterwards. */
  readonly directory: string
  /** Where to write a CPU profile of the measured part. */
  readonly profile?: string
}

export interface Outcome {
  readonly values: Readonly<Record<string, number>>
  /** How many jobs were measured. */
  readonly jobs: number
  readonly configuration: string
  readonly versions: Readonly<Record<string, string>>
  readonly server: string | undefined
}

export type Reply = { readonly outcome: Outcome } | { readonly error: string }
