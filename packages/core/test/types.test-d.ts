import {
  createQueue,
  defineJob,
  handle,
  handleMany,
  type,
  type BareTicket,
  type JobState,
  type Ticket,
} from '@jobport/core'
import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { bare, dynamic, full } from './unsupported/backends.ts'

const when = defineJob('when', {
  input: z.object({ at: z.coerce.date<string>(), tries: z.number().default(1) }),
  output: z.codec(z.string(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() }),
})
const quiet = defineJob('quiet', { input: type<string>() })

it('infers the four types of a definition from its schemas', async () => {
  const ticket = await createQueue(full).enqueue(when, { at: '2026-01-01' })
  expectTypeOf(ticket).toEqualTypeOf<Ticket<Date>>()
  expectTypeOf(await ticket.status()).toEqualTypeOf<JobState | 'unknown'>()
  handle(when, (input) => {
    expectTypeOf(input).toEqualTypeOf<{ at: Date; tries: number }>()
    return '2026-01-01'
  })
  when.followedBy(quiet, (output) => {
    expectTypeOf(output).toEqualTypeOf<Date>()
    return output.toISOString()
  })
})

it('gives no result where there is no output schema', async () => {
  const ticket = await createQueue(full).enqueue(quiet, 'a')
  expectTypeOf(ticket.result).returns.resolves.toEqualTypeOf<void>()
  handle(quiet, async () => {})
  handle(quiet, () => ({ anything: new Map() }))
  handleMany(quiet, async (jobs) => {
    expectTypeOf(jobs[0]!.input).toEqualTypeOf<string>()
  })
})

it('knows what a ticket can do on which backend', async () => {
  expectTypeOf(await createQueue(bare).enqueue(quiet, 'a')).toEqualTypeOf<BareTicket>()
  expectTypeOf(await createQueue(dynamic).enqueue(quiet, 'a', { delay: 5, priority: 1 })).toEqualTypeOf<Ticket<void>>()
})
