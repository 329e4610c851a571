import { expect, it } from 'vitest'
import { statusOf, type Health } from './process-status.ts'

it.each<[string, readonly Health[], { suspended?: true; canSend?: false }]>([
  ['active', ['active'], {}],
  ['active', ['error', 'queue', 'active'], {}],
  ['error', ['error'], {}],
  ['error', [], {}],
  ['queue', ['error', 'queue'], {}],
  ['queue', ['active'], { canSend: false }],
  ['queue', [], { canSend: false }],
  ['suspended', ['active'], { suspended: true }],
  ['suspended', ['error'], { suspended: true, canSend: false }],
])('is %s when its servers say %j and it is %j', (status, servers, { suspended = false, canSend = true }) => {
  expect(statusOf({ suspended, canSend, servers })).toBe(status)
})
