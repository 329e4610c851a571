import { OptionError, toPositiveMs, type Duration, type Ms } from '@jobport/core/adapter'
import type { Cluster, Redis, RedisOptions } from 'ioredis'

interface SharedOptions {
  /** Keeps applications on one server apart: begins the name of every key. 1 to 40 of `[A-Za-z0-9._-]`. Default `'jobport'`. */
  readonly namespace?: string
  /** After so long without a reply a call fails with `unavailable`, and the connection is made anew. Default `'5s'`. */
  readonly commandTimeout?: Duration
  /** Open also on a server that may evict keys when its memory is full, and lose jobs by that. Default `false`. */
  readonly allowEviction?: boolean
  /** Told in a sentence when a listener of `watch` throws. Default: `process.emitWarning`. */
  readonly warn?: (message: string) => void
}

/** A server, and how to reach it. */
export interface UrlOptions extends SharedOptions {
  /** `redis://[[user]:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string
  /** More options of ioredis, such as `tls`. */
  readonly redis?: RedisOptions
  readonly client?: undefined
}

/** A client of the application. Connections are made like its own; it is neither used for calls nor closed. */
export interface ClientOptions extends SharedOptions {
  /** An ioredis client: of one server, by Sentinel, or of a cluster. */
  readonly client: Redis | Cluster
  readonly url?: undefined
}

export type RedisBackendOptions = UrlOptions | ClientOptions

export interface Settings {
  readonly stored: boolean
  readonly namespace: string
  readonly commandTimeout: Ms
  readonly allowEviction: boolean
  readonly warn: (message: string) => void
  readonly url: string | undefined
  readonly redis: RedisOptions
  readonly client: Redis | Cluster | undefined
}

const KNOWN = ['namespace', 'commandTimeout', 'allowEviction', 'warn', 'url', 'redis', 'client']

/** @throws OptionError */
export function settingsOf(options: RedisBackendOptions, stored = false): Settings {
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key))
      throw new OptionError(
        key,
        `is no option of ${stored ? 'redisStore' : 'redisBackend'}; known are ${KNOWN.join(', ')}`,
      )
  }
  const {
    namespace = 'jobport',
    commandTimeout = '5s',
    allowEviction = false,
    warn = (message: string) => process.emitWarning(message),
    url,
    client,
  } = options
  if ((url === undefined) === (client === undefined)) {
    throw new OptionError('url', 'give either a URL, or an ioredis client as `client`')
  }
  if (url !== undefined && !/^rediss?:\/\/./.test(url)) {
    throw new OptionError('url', 'must begin with redis:// or rediss://, and name a host')
  }
  if (!/^[\w.-]{1,40}$/.test(namespace)) {
    throw new OptionError('namespace', `${JSON.stringify(namespace)} is none; use 1 to 40 of A-Z a-z 0-9 . _ -`)
  }
  const redis = options.url === undefined ? {} : (options.redis ?? {})
  return {
    stored,
    // No namespace has a plus: the keys of a store and of a backend are never the same.
    namespace: stored ? `${namespace}+store` : namespace,
    commandTimeout: toPositiveMs(commandTimeout, 'commandTimeout'),
    allowEviction,
    warn,
    url,
    redis,
    client,
  }
}
