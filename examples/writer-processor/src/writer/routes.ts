import { ClientError, type Http } from '@jobport/example-service'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { message } from '../message/message.ts'
import { acceptedAnswer, bulkAnswer, problems } from './answers.ts'
import { bulkBody, judge } from './bulk-items.ts'
import type { Delivery, Outcome } from './delivery.ts'
import type { Intake } from './intake.ts'
import { BUSY, type Refusal } from './refusal.ts'

export interface RoutesOptions {
  readonly delivery: Delivery
  readonly intake: Intake
  readonly bulkLimit: number
  readonly count: (outcome: Outcome) => void
}

const headers = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7E]{8,128}$/, 'must be 8 to 128 visible characters; take a UUID')
    .optional()
    .describe('Makes it safe to repeat the call: the same key with the same body is the same messages'),
})

export function addRoutes(app: Http, { delivery, intake, bulkLimit, count }: RoutesOptions): void {
  /** Before the body is read: what will be refused anyway should cost little. */
  const refuseWhenFull = async ({ id }: { readonly id: string }, reply: FastifyReply) => {
    if (!intake.isFull) return undefined
    count({ status: 'refused', ...BUSY })
    return unavailable(reply, BUSY, id)
  }

  app.post(
    '/messages',
    {
      onRequest: refuseWhenFull,
      schema: {
        summary: 'Write one message',
        headers,
        body: message,
        response: { 202: acceptedAnswer, ...problems },
      },
    },
    async ({ body, headers, id }, reply) => {
      const outcome = (await delivery.deliver([body], { requestId: id, key: headers['idempotency-key'] }))[0]!
      count(outcome)
      if (outcome.status === 'accepted') return reply.code(202).send(outcome)
      if (outcome.retryable) return unavailable(reply, outcome, id)
      throw new ClientError(413, outcome.code, outcome.message, 'body')
    },
  )

  app.post(
    '/messages/bulk',
    {
      onRequest: refuseWhenFull,
      schema: {
        summary: 'Write many messages',
        description:
          'Each is judged for itself; `messages` of the answer has what became of it, in the order of the call.',
        headers,
        body: bulkBody(bulkLimit),
        response: {
          202: bulkAnswer.describe('All are accepted'),
          207: bulkAnswer.describe('Some, or all, are refused'),
          ...problems,
        },
      },
    },
    async ({ body, headers, id }, reply) => {
      const { valid, outcomes } = judge(body.messages)
      const delivered = await delivery.deliver(
        valid.map(({ message }) => message),
        { requestId: id, key: headers['idempotency-key'] },
      )
      valid.forEach(({ index }, at) => (outcomes[index] = delivered[at]!))
      outcomes.forEach(count)

      const refusals = outcomes.filter((outcome) => outcome.status === 'refused')
      const passing = refusals.find(({ retryable }) => retryable)
      if (passing !== undefined && refusals.length === outcomes.length) return unavailable(reply, passing, id)
      if (passing !== undefined) reply.header('retry-after', retryAfter())
      return reply.code(refusals.length === 0 ? 202 : 207).send({
        accepted: outcomes.length - refusals.length,
        refused: refusals.length,
        messages: outcomes.map((outcome, index) => ({ index, ...outcome })),
      })
    },
  )
}

/** Not thrown: refusing is what a writer does when it is well and the queue is not, and no line in the log for each. */
function unavailable(reply: FastifyReply, { code, message }: Refusal, requestId: string): FastifyReply {
  return reply.code(503).header('retry-after', retryAfter()).send({ error: { code, message, requestId } })
}

/** Seconds, by chance: callers that were refused together must not come back together. */
function retryAfter(): number {
  return 1 + Math.floor(Math.random() * 3)
}
