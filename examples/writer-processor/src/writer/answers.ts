import { z } from 'zod'

/** The shapes of what the writer answers, as OpenAPI shows them. */
export const acceptedAnswer = z
  .object({ status: z.literal('accepted'), id: z.string().describe('Of the message, from here to the last log line') })
  .describe('The queue has it, in several data centres; it will be processed at least once')

export const bulkAnswer = z.object({
  accepted: z.int(),
  refused: z.int(),
  messages: z
    .array(
      z.discriminatedUnion('status', [
        z.object({ index: z.int(), status: z.literal('accepted'), id: z.string() }),
        z.object({
          index: z.int(),
          status: z.literal('refused'),
          code: z.string(),
          message: z.string(),
          field: z.string().optional(),
          retryable: z.boolean().describe('Whether the same may succeed a little later'),
        }),
      ]),
    )
    .describe('One for each message, in their order'),
})

const problemAnswer = z.object({
  error: z.object({
    code: z.string().describe('For programs: stable'),
    message: z.string().describe('For people'),
    field: z.string().optional().describe('Which part of the request is wrong'),
    requestId: z.string().describe('Finds the request in the logs'),
  }),
})

/** What every route may answer besides. */
export const problems = {
  400: problemAnswer.describe('The request does not fit; `field` says where'),
  413: problemAnswer.describe('The body is too long'),
  415: problemAnswer.describe('The body is not declared as JSON'),
  422: problemAnswer.describe('The Idempotency-Key was used for something else'),
  429: problemAnswer.describe('Too many requests from this client; answered by the gateway, with `Retry-After`'),
  500: problemAnswer.describe('The service failed; repeat with the same Idempotency-Key'),
  503: problemAnswer.describe(
    'The queue cannot take it now. Repeat after `Retry-After` seconds, with the same Idempotency-Key',
  ),
} as const
