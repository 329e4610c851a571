import type { Ms } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { HandOff } from '../contract/store.ts'
import { checkKnown } from '../definition/known-options.ts'
import { OptionError } from '../errors/option-error.ts'
import { systemClock, type Clock } from '../time/clock.ts'
import { toMs, toPositiveMs, type Duration } from '../time/duration.ts'

export interface WithStoreOptions {
  /**
   * How a payload reaches the worker. `message`: the broker carries it, unless it is larger than the broker takes. `store`: the broker carries
   * only the id, and each claim reads the payloads from the store, in one call more. Default `message`.
   */
  readonly payloads?: 'message' | 'store'
  /** Longer delays of new jobs are kept by the store, shorter ones by the broker. Default and most: what the broker can. */
  readonly handOff?: Duration
  /**
   * A job that was stored and not sent, since its producer died between, is sent by a worker so much later. Where the broker has delivered nothing of a queue for so long,
   * jobs that have waited in it for longer are sent again: their messages are lost. Default `'30s'`.
   */
  readonly grace?: Duration
  /** How often a process that claims looks for jobs that have to be sent: delays that are over, leases that ran out, what a producer left behind. Default `'1s'`. */
  readonly relayEvery?: Duration
  /** Default: the system's. */
  readonly clock?: Clock
  /** Told in a sentence when the broker refuses a job for good that is sent later, and when messages were missing. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

export interface Settings {
  readonly payloads: 'message' | 'store'
  readonly handOff: Omit<HandOff, 'origin'>
  readonly relayEvery: Ms
  readonly clock: Clock
  readonly warn: (message: string) => void
}

const KNOWN = ['payloads', 'handOff', 'grace', 'relayEvery', 'clock', 'warn']

export function settingsOf(options: WithStoreOptions, broker: Limits): Settings {
  checkKnown(options, KNOWN, 'withStore')
  const {
    payloads = 'message',
    handOff,
    grace = '30s',
    relayEvery = '1s',
    clock = systemClock,
    warn = (message) => process.emitWarning(message),
  } = options
  if (payloads !== 'message' && payloads !== 'store') {
    throw new OptionError('payloads', `must be 'message' or 'store', not ${JSON.stringify(payloads)}`)
  }
  const delay = handOff === undefined ? broker.delay : toMs(handOff, 'handOff')
  if (delay > broker.delay)
    throw new OptionError('handOff', `${delay} ms is longer than the broker can delay: ${broker.delay} ms`)
  return {
    payloads,
    handOff: { delay, grace: toPositiveMs(grace, 'grace') },
    relayEvery: toPositiveMs(relayEvery, 'relayEvery'),
    clock,
    warn,
  }
}
