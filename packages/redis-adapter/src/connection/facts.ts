import { BackendError, type Health } from '@jobport/core/adapter'
import { NAME } from '../limits.ts'
import type { Connection } from './connection.ts'

/** What a server says of itself. */
export type Facts = ReadonlyMap<string, string>

const OLDEST = [6, 2] as const

/** Reads INFO, of one node where there are several. */
export async function readFacts(connection: Connection): Promise<Facts> {
  const text = await connection.call((client) => client.info())
  const facts = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1))
  }
  const fsync = await connection
    .call((client) => client.config('GET', 'appendfsync') as Promise<readonly string[] | Record<string, string>>)
    .catch(() => [])
  // Many users may not ask for the configuration.
  const value = Array.isArray(fsync) ? fsync[1] : (fsync as Record<string, string>)['appendfsync']
  if (typeof value === 'string') facts.set('appendfsync', value)
  return facts
}

/** @throws BackendError `unsupported` when jobs would not be safe, or cannot be kept, on such a server. */
export function checkFacts(facts: Facts, allowEviction: boolean): void {
  const version = facts.get('redis_version') ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw unsupported(`the server has version ${version}; jobport needs Redis ${OLDEST.join('.')} or later, or Valkey`)
  }
  if (evicts(facts) && !allowEviction) {
    throw unsupported(
      `maxmemory-policy is ${facts.get('maxmemory_policy')}, so the server may throw jobs away when its memory is full; ` +
        'set it to noeviction (CONFIG SET maxmemory-policy noeviction), or pass allowEviction: true if jobs may be lost',
    )
  }
}

/** @param exposedTo the address that the password goes to unencrypted */
export function healthOf(facts: Facts, exposedTo: string | undefined): Health {
  const warnings: string[] = []
  const appends = facts.get('aof_enabled') === '1'
  const fsync = facts.get('appendfsync')
  if (!appends) {
    warnings.push('appendonly is no: a restart of the server loses jobs. Set appendonly to yes.')
  } else if (fsync !== 'always') {
    warnings.push(
      `appendfsync is ${fsync ?? 'not readable by this user'}: a crash of the server may lose about the last second. Set it to always if that matters.`,
    )
  }
  if (evicts(facts)) {
    warnings.push(`maxmemory-policy is ${facts.get('maxmemory_policy')}: jobs may be evicted. Set it to noeviction.`)
  }
  if (exposedTo !== undefined) {
    warnings.push(
      `The password goes to ${exposedTo} unencrypted, as the jobs do: anybody on the way can read it. Use rediss://, or the option tls of ioredis.`,
    )
  }
  const version = facts.get('valkey_version') ?? facts.get('redis_version')
  return {
    reachable: true,
    durability: appends ? (fsync === 'always' ? 'fsync' : 'async') : 'none',
    warnings,
    ...(version !== undefined && { version }),
  }
}

function evicts(facts: Facts): boolean {
  return (facts.get('maxmemory_policy') ?? 'noeviction') !== 'noeviction'
}

function unsupported(problem: string): BackendError {
  return new BackendError('unsupported', NAME, problem)
}
