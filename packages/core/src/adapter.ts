/**
 * What an adapter is written against: the contract and a small kit.
 * @module
 */
export type * from './contract/backend.ts'
export type * from './contract/failure.ts'
export type * from './contract/features.ts'
export type * from './contract/inspector.ts'
export type * from './contract/job.ts'
export type * from './contract/limits.ts'
export type * from './contract/operator.ts'
export type * from './contract/settlement.ts'
export type * from './contract/store.ts'
export { BackendError, isBackendFailure, type BackendErrorOptions } from './errors/backend-error.ts'
export { OptionError, UnsupportedError } from './errors/option-error.ts'
export { Admission } from './kit/admission.ts'
export { Lifecycle, type Closable } from './kit/lifecycle.ts'
export { Listeners, type FinishedListener } from './kit/listeners.ts'
export { claimId, token } from './kit/token.ts'
export { TOMBSTONE } from './kit/tombstone.ts'
export { unencryptedPeer } from './kit/unencrypted-peer.ts'
export { missingStore } from './store/missing-store.ts'
export { sleep, systemClock, type Clock } from './time/clock.ts'
export { toMs, toPositiveMs, type Duration } from './time/duration.ts'
