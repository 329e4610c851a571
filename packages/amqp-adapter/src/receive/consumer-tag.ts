import { hostname } from 'node:os'

/** The protocol has 255 bytes for a tag. */
const LONGEST_HOST = 200

/** By the tag of a consumer RabbitMQ's own tools tell which process it is: `rabbitmqctl list_consumers`. `what` is unique within its channel. */
export function consumerTag(what: string): string {
  return `${hostname().slice(0, LONGEST_HOST)}:${process.pid}:${what}`
}
