/**
 * For testing jobs without a server and without waiting.
 * @module
 */
export type { Clock } from './time/clock.ts'
export { VirtualClock } from './time/virtual-clock.ts'
export type { Runtime } from './time/runtime.ts'
