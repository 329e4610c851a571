/** What one processor has to manage. */
export interface Demand {
  /** How long the work on one message takes, in milliseconds. */
  readonly work: number
  /** Messages a second. */
  readonly rate: number
  /** How much more there has to be than that: 0.5 is half as much again. */
  readonly headroom: number
}

/** How a worker has to be set for it. */
export interface Capacity {
  /** Messages that are worked on at the same time. */
  readonly concurrency: number
  /** Share of them that are busy at the target rate. */
  readonly utilisation: number
  /** Messages a second when all are busy. */
  readonly highestRate: number
  /** The visibility timeout: how long a received message is hidden from other processors unless it is extended. */
  readonly lease: number
  /** Messages received beyond those that are worked on. */
  readonly claimAhead: number
}

/** How long one request to SQS may take before it is repeated. Ten to twenty times what it takes on a good day. */
export const REQUEST: number = 2_000
/** A worker gives back what it has received and not begun within so long. */
const WAITING = 250
/** Work that takes so many times as long as it should is still ordinary: a retry of a driver, a collection of garbage. */
const SLOW = 10

/**
 * By Little's law as many messages are being worked on as arrive in the time that one takes: L = λ · W. The headroom is what is left for rates that swing and work that is slow now and
 * then; without it the queue grows at every swing and never shrinks.
 *
 * The lease is three times the life of an ordinary message from its receipt to its removal. A worker extends leases after a third of them, so an ordinary message costs no extension,
 * and of one that needs it two extensions may fail before the message is lost to another processor. It does not have to be as long as the longest work; and it is how long the messages
 * of a processor that was killed stand still, so it is not longer either.
 */
export function capacityFor({ work, rate, headroom }: Demand): Capacity {
  const busy = (rate * work) / 1_000
  const concurrency = Math.max(1, Math.ceil(busy * (1 + headroom)))
  const life = WAITING + SLOW * work + REQUEST
  return {
    concurrency,
    utilisation: busy / concurrency,
    highestRate: (concurrency * 1_000) / work,
    // SQS counts whole seconds.
    lease: Math.ceil((3 * life) / 1_000) * 1_000,
    claimAhead: concurrency,
  }
}
