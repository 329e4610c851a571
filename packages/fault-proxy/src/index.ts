/**
 * A TCP proxy for tests that cuts, holds, delays and loses what passes through it.
 * @module
 */
export type { Counts } from './counts.ts'
export type { Fault, RequestFault, Selection, Slowness } from './fault.ts'
export { faultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.ts'
