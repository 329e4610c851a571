/**
 * Jobs on RabbitMQ: quorum queues, or classic ones.
 * @module
 */
export { amqpBackend, type AmqpBackend } from './amqp-backend.ts'
export type { FeaturesOf } from './limits.ts'
export type { AmqpBackendOptions } from './options.ts'
