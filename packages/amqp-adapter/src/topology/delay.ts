import type { Ms } from '@jobport/core/adapter'

/**
 * A delay is made of parts: each level has a queue in which everything stays for 2^level ticks and is then dead-lettered to the next lower level. A
 * job passes through the queues of those bits that its delay has, in ticks. So no queue mixes spans, of which RabbitMQ would only see the one
 * at its head, and only the server's clock counts.
 */
export const TICK: Ms = 100

/** 2^20 ticks are 29 hours. */
export const LEVELS = 20

/** A day. */
export const LONGEST_DELAY: Ms = 86_400_000

/** How many bits of a delay count: at most so many queues are passed, for less than 1 % of lateness. */
const SIGNIFICANT = 8

/** The ticks of a delay, rounded up. */
export function ticksOf(delay: Ms): number {
  const exact = Math.ceil(delay / TICK)
  const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, exact))) + 1 - SIGNIFICANT)
  return Math.ceil(exact / step) * step
}

/** The level at which so many ticks begin. */
export function topLevel(ticks: number): number {
  return Math.floor(Math.log2(ticks))
}

/** The routing key of a delayed message: a word for each level, from the highest, then where it is due. */
export function delayKey(ticks: number, destination: string): string {
  return `${ticks.toString(2).padStart(LEVELS, '0').split('').join('.')}.${destination}`
}

const anyOf = (levels: number): string => '*.'.repeat(levels)

/** Binds the queue of a level, and the exchange below it, to the exchange of the level. */
export function levelPattern(level: number, bit: 0 | 1): string {
  return `${anyOf(LEVELS - 1 - level)}${bit}.#`
}

/** Binds a destination to the exchange of what is due. */
export function duePattern(destination: string): string {
  return `${anyOf(LEVELS)}${destination}`
}
