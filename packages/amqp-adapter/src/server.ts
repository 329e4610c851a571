import { BackendError, type Health, type Ms } from '@jobport/core/adapter'
import type { ServerProperties } from 'amqplib'
import { NAME } from './limits.ts'
import type { Settings } from './options.ts'

/** Quorum queues have message TTLs, and dead-letter at least once, since this version. */
const OLDEST = [3, 10] as const

/** Since when quorum queues have priorities. */
const PRIORITIES_OF_QUORUM = 4

export function versionOf({ version }: ServerProperties): string {
  return version
}

/** @throws BackendError `unsupported` when the server lacks what these settings need. */
export function checkServer(properties: ServerProperties, { queueType, priorities }: Settings): void {
  const version = versionOf(properties)
  if (properties.product !== 'RabbitMQ') {
    throw unsupported(`the server is ${properties.product}; jobport needs RabbitMQ ${OLDEST.join('.')} or later`)
  }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw unsupported(`the server has version ${version}; jobport needs RabbitMQ ${OLDEST.join('.')} or later`)
  }
  if (queueType === 'quorum' && priorities > 1 && major < PRIORITIES_OF_QUORUM) {
    throw unsupported(
      `quorum queues of RabbitMQ ${version} have no priorities; use queueType: 'classic', or RabbitMQ 4`,
    )
  }
}

export interface Circumstances {
  readonly connected: boolean
  readonly blocked: string | undefined
  readonly version: string | undefined
  /** The address of a server, where anybody on the way can read what goes there. */
  readonly unencryptedPeer: string | undefined
  /** By queue: for how long groups still wait for the retry of their first job. */
  readonly rests: ReadonlyMap<string, readonly Ms[]>
}

/** What waits for less is nothing to tell an operator of. */
const LONG_REST: Ms = 60_000

export function healthOf(
  { queueType, socket }: Settings,
  { connected, blocked, version, unencryptedPeer, rests }: Circumstances,
): Health {
  const warnings: string[] = []
  if (!connected)
    warnings.push(
      'A connection to the server is lost, and being made again. Is the server up, and reachable from here?',
    )
  if (blocked !== undefined) {
    warnings.push(
      `The server takes no jobs: blocked, ${blocked}. Free memory or disk space, or raise the limit of the alarm.`,
    )
  }
  if (queueType === 'classic') {
    warnings.push(
      `queueType is classic: a power cut may lose the last jobs, and the loss of a node those of its queues. Use queueType: 'quorum'.`,
    )
  }
  // Every other mechanism sends a password, or what takes its place.
  if (unencryptedPeer !== undefined && socket.credentials?.mechanism !== 'EXTERNAL') {
    warnings.push(
      `The password goes to ${unencryptedPeer} unencrypted, as the jobs do: anybody on the way can read it. Use amqps://.`,
    )
  }
  for (const [queue, all] of rests) {
    const long = all.filter((rest) => rest >= LONG_REST)
    if (long.length > 0) warnings.push(resting(queue, long))
  }
  return {
    reachable: connected,
    durability: queueType === 'quorum' ? 'fsync' : 'async',
    warnings,
    ...(version !== undefined && { version }),
  }
}

function resting(queue: string, rests: readonly Ms[]): string {
  const seconds = Math.round(Math.max(...rests) / 1000)
  const which = rests.length === 1 ? '1 group' : `${rests.length} groups`
  return `${which} of queue ${queue} in this process: the first job has failed and waits for its retry, for another ${seconds} s at most, and the jobs behind it wait as well. Give such jobs a shorter backoff, or fewer retries.`
}

function unsupported(problem: string): BackendError {
  return new BackendError('unsupported', NAME, problem)
}
