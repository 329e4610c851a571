import { ClientError, type Http } from '@jobport/example-service'
import { z } from 'zod'
import type { Requests } from '../requests/requests.ts'
import { clientName } from './client-name.ts'

const named = z.object({ client_name: clientName.optional() })

const request = z.object({
  task: z.string(),
  params: z.unknown(),
  cached: z.boolean().describe('whether the answer was known when the request came'),
  requested_at: z.iso.datetime(),
  state: z.enum(['waiting', 'active', 'completed', 'failed', 'cancelled']),
  result: z.unknown().optional().describe('of a completed request'),
  error: z.string().optional().describe('of a failed one'),
})

/** Tells a client what became of its requests. For clients that cannot send a body with GET there is POST. */
export function addRequestsRoute(app: Http, requests: Requests): void {
  const schema = {
    summary: 'Every request of a client, by its id, with its state and result',
    querystring: named,
    body: named.nullish(),
    response: { 200: z.record(z.uuid(), request) },
  }
  app.route({
    method: ['GET', 'POST'],
    url: '/get_requests_status',
    // A HEAD has no body that could be checked.
    exposeHeadRoute: false,
    schema,
    handler: async ({ query, body }) => {
      const client = query.client_name ?? body?.client_name
      if (client === undefined)
        throw new ClientError(
          400,
          'invalid',
          'client_name is missing: give it in the query or in a JSON body',
          'client_name',
        )
      const found = await requests.of(client)
      return Object.fromEntries(
        found.map(({ id, task, params, cached, requestedAt, became }) => [
          id,
          { task, params, cached, requested_at: requestedAt.toISOString(), ...became },
        ]),
      )
    },
  })
}
