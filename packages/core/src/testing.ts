/**
 * For testing jobs without a server and without waiting.
 * @module
 */
export { memoryBroker, type MemoryBroker, type MemoryBrokerOptions } from './testing/memory-broker.ts'
export { testJobs, type EnqueuedJob, type Ran, type TestJobs, type TestJobsOptions } from './testing/test-jobs.ts'
export type { Clock } from './time/clock.ts'
export type { Runtime } from './time/runtime.ts'
export { VirtualClock } from './time/virtual-clock.ts'
