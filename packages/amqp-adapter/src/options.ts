import { OptionError, toPositiveMs, type Duration, type Ms } from '@jobport/core/adapter'
import type { SocketOptions } from 'amqplib'

export interface AmqpBackendOptions {
  /** `amqp://[user:password@]host[:port][/vhost]`, or `amqps://` for TLS. */
  readonly url: string
  /** More options for the socket and the handshake of amqplib, such as `ca`, `cert`, `servername` or `credentials`. */
  readonly socket?: SocketOptions
  /** Keeps applications on one vhost apart: begins the name of every queue and exchange. 1 to 40 of `[A-Za-z0-9._-]`. Default `'jobport'`. */
  readonly namespace?: string
  /** `quorum`: replicated, and on disk before it is confirmed. `classic`: on one node; needed for `priorities` before RabbitMQ 4. Queues of delays are quorum queues in any case. Default `'quorum'`. */
  readonly queueType?: 'quorum' | 'classic'
  /**
   * Number of priorities: valid are 0 to `priorities - 1`, the highest first. 2 to 256 on classic queues; quorum queues have 2 of them from RabbitMQ 4 on.
   * Default 1: none. It is part of the queue's declaration, so it cannot be changed later.
   */
  readonly priorities?: number
  /**
   * Groups: jobs with the option `group` run one at a time and in order within their group. They are shared out over so many queues, beside each queue, whose groups belong to one process
   * at a time; so it is also the most processes that can work on groups at once. 1 to 64, on classic queues without `priorities`. Give the same number everywhere. Default: none.
   */
  readonly groups?: number
  /** `declare`: queues and exchanges are made when they are first used. `verify`: they must be there; nothing is made. Default `'declare'`. */
  readonly topology?: 'declare' | 'verify'
  /** After so many deliveries that nobody settled, a quorum queue moves a job to the dead-letter queue. Default 20. Part of the declaration. */
  readonly deliveryLimit?: number
  /** How long dead-letter queues keep a job at most. Default `'14d'`. Part of the declaration. */
  readonly deadFor?: Duration
  /** A job that the server has not confirmed by then is answered `unavailable`, its outcome unknown. Default `'10s'`. */
  readonly confirmTimeout?: Duration
  /** For connecting, and for each declaration. Default `'10s'`. */
  readonly connectTimeout?: Duration
  /**
   * The `consumer_timeout` of the server, which ends the channel of a consumer that holds a message for longer. No job is held until then: it goes back
   * shortly before. `false`: the server has none. Default `'30m'`, as the server's.
   */
  readonly consumerTimeout?: Duration | false
  /** Told in a sentence of messages that are not jobs, and of connections that are lost. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

export interface Settings {
  readonly url: string
  readonly socket: SocketOptions
  readonly namespace: string
  readonly queueType: 'quorum' | 'classic'
  readonly priorities: number
  /** 0: none. */
  readonly groups: number
  readonly topology: 'declare' | 'verify'
  readonly deliveryLimit: number
  readonly deadFor: Ms
  readonly confirmTimeout: Ms
  readonly connectTimeout: Ms
  /** `Infinity`: none. */
  readonly consumerTimeout: Ms
  readonly warn: (message: string) => void
}

const KNOWN = {
  url: true,
  socket: true,
  namespace: true,
  queueType: true,
  priorities: true,
  groups: true,
  topology: true,
  deliveryLimit: true,
  deadFor: true,
  confirmTimeout: true,
  connectTimeout: true,
  consumerTimeout: true,
  warn: true,
} as const satisfies Record<keyof AmqpBackendOptions, true>

/** Seconds of silence after which either side asks whether the other is still there; after two such spans it gives up. */
const HEARTBEAT = 10

/** @throws OptionError */
export function settingsOf(options: AmqpBackendOptions): Settings {
  for (const key of Object.keys(options)) {
    if (!Object.hasOwn(KNOWN, key)) {
      throw new OptionError(key, `is no option of amqpBackend; known are ${Object.keys(KNOWN).join(', ')}`)
    }
  }
  const {
    socket = {},
    namespace = 'jobport',
    queueType = 'quorum',
    priorities = 1,
    groups,
    topology = 'declare',
    deliveryLimit = 20,
    deadFor = '14d',
    confirmTimeout = '10s',
    connectTimeout = '10s',
    consumerTimeout = '30m',
    warn = (message: string) => process.emitWarning(message),
  } = options
  if (!/^[\w.-]{1,40}$/.test(namespace)) {
    throw new OptionError('namespace', `${JSON.stringify(namespace)} is none; use 1 to 40 of A-Z a-z 0-9 . _ -`)
  }
  if (queueType !== 'quorum' && queueType !== 'classic')
    throw new OptionError('queueType', `give 'quorum' or 'classic'`)
  if (topology !== 'declare' && topology !== 'verify') throw new OptionError('topology', `give 'declare' or 'verify'`)
  const most = queueType === 'quorum' ? 2 : 256
  if (!Number.isInteger(priorities) || priorities < 1 || priorities > most) {
    throw new OptionError('priorities', `must be an integer from 1 to ${most} on ${queueType} queues`)
  }
  if (groups !== undefined) checkGroups(groups, queueType, priorities)
  if (!Number.isInteger(deliveryLimit) || deliveryLimit < 1) {
    throw new OptionError('deliveryLimit', 'must be an integer from 1 up')
  }
  return {
    url: withHeartbeat(options.url),
    socket,
    namespace,
    queueType,
    priorities,
    groups: groups ?? 0,
    topology,
    deliveryLimit,
    deadFor: toPositiveMs(deadFor, 'deadFor'),
    confirmTimeout: toPositiveMs(confirmTimeout, 'confirmTimeout'),
    connectTimeout: toPositiveMs(connectTimeout, 'connectTimeout'),
    consumerTimeout: consumerTimeout === false ? Infinity : toPositiveMs(consumerTimeout, 'consumerTimeout'),
    warn,
  }
}

function checkGroups(groups: number, queueType: string, priorities: number): void {
  if (!Number.isInteger(groups) || groups < 1 || groups > 64) {
    throw new OptionError('groups', 'must be an integer from 1 to 64')
  }
  if (queueType !== 'classic') {
    throw new OptionError(
      'groups',
      "needs queueType: 'classic'; quorum queues do not let a job that returns go before all others",
    )
  }
  if (priorities > 1) throw new OptionError('groups', 'cannot be used together with priorities')
}

function withHeartbeat(given: string): string {
  if (typeof given !== 'string' || !/^amqps?:\/\/./.test(given) || !URL.canParse(given)) {
    throw new OptionError('url', 'must begin with amqp:// or amqps://, and name a host')
  }
  const url = new URL(given)
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT))
  return url.href
}
