import type { Limits } from '../contract/limits.ts'
import { Admission } from '../kit/admission.ts'

export const NAME = 'memory'

const MEBIBYTE = 1024 * 1024

export const LIMITS: Limits = Object.freeze({
  enqueueBatch: 1000,
  claimBatch: 1000,
  settleBatch: 1000,
  payloadBytes: 16 * MEBIBYTE,
  priorities: 100,
  delay: Infinity,
  retryDelay: Infinity,
  lease: Infinity,
  tick: 1,
})

export const ADMISSION = new Admission(NAME, LIMITS)
