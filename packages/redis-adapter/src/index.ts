/**
 * Jobs on Redis and Valkey: one server, Sentinel or a cluster.
 * @module
 */
export { redisBackend, type RedisBackend } from './redis-backend.ts'
export type { ClientOptions, RedisBackendOptions, UrlOptions } from './options.ts'
export { redisStore } from './store/redis-store.ts'
