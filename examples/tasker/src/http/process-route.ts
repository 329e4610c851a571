import { ClientError, type Http, type Operations } from '@jobport/example-service'
import { Counter } from 'prom-client'
import { z } from 'zod'
import type { Desk } from '../requests/desk.ts'
import { TASK_NAMES, TASKS } from '../tasks/catalogue.ts'
import { clientName } from './client-name.ts'

const [first, ...others] = TASKS.map(({ name, params }) =>
  z.object({ task: z.literal(name), client_name: clientName, params }),
)

const body = z.discriminatedUnion('task', [first!, ...others], {
  error: ({ input }) => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return 'must be a JSON object'
    const known = `there are ${TASK_NAMES.join(', ')}`
    return 'task' in input ? `there is no task ${JSON.stringify(input.task)}; ${known}` : `is missing; ${known}`
  },
})

const rid = z.uuid().describe('the id of the request')
const answer = z.union([
  z.object({ cached: z.literal(true), rid, success: z.literal(true) }),
  z.object({ success: z.literal(true), rid }),
])

/** Takes a request in, or answers it at once. */
export function addProcessRoute(app: Http, desk: Desk, registry: Operations['registry']): void {
  const received = new Counter({
    name: 'tasker_requests_total',
    help: 'Requests that were well-formed: answered from the cache, queued, or refused because of a suspension',
    labelNames: ['task', 'outcome'],
    registers: [registry],
  })
  const schema = { summary: 'Ask for a task', body, response: { 200: answer } }
  app.post('/process', { schema }, async ({ body: { task: name, client_name: client, params } }) => {
    const task = TASKS.find((each) => each.name === name)!
    const reception = await desk.take(client, task, params)
    received.inc({ task: name, outcome: reception.outcome })
    if (reception.outcome === 'suspended') {
      const message = `${reception.process} is suspended; set it active by /set_processes_status`
      throw new ClientError(409, 'suspended', message, 'body.task')
    }
    const { outcome, id } = reception
    return outcome === 'cached'
      ? { cached: true as const, rid: id, success: true as const }
      : { success: true as const, rid: id }
  })
}
