/** A queue in SQS, as far as it is known. */
export interface Queue {
  /** Its name in jobport. */
  readonly name: string
  readonly url: string
}

/** What is known of a queue once its attributes were read. */
export interface VerifiedQueue extends Queue {
  /** URL of its dead-letter queue. */
  readonly dead: string
  /** Sentences for an operator. */
  readonly warnings: readonly string[]
}
