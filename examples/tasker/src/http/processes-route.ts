import type { Http } from '@jobport/example-service'
import { z } from 'zod'
import { PROCESS_NAMES } from '../processes/process-status.ts'
import type { Processes } from '../processes/processes.ts'
import type { Suspensions } from '../processes/suspensions.ts'

const status = z.enum(['active', 'error', 'queue', 'suspended'])

const outcome = z.union([
  z.object({ success: z.literal(true), status }),
  z.object({ success: z.literal(false), error: z.string() }),
])
const outcomes = z.record(z.string(), outcome)

/** How the processes are, and suspending them. */
export function addProcessesRoutes(app: Http, processes: Processes, suspensions: Suspensions): void {
  const shown = {
    summary: 'The status of each process: one for each task, and the API',
    response: { 200: z.record(z.string(), status) },
  }
  app.get('/get_processes_status', { schema: shown }, () => processes.statuses())

  const set = {
    summary: 'Suspend processes, or set them active again',
    body: z
      .record(z.string(), z.unknown(), 'must be a JSON object such as {"mult3":"suspended"}')
      .refine((wanted) => Object.keys(wanted).length > 0, 'names no process'),
    response: { 200: outcomes, 400: outcomes },
  }
  app.route({
    method: ['POST', 'GET'],
    url: '/set_processes_status',
    exposeHeadRoute: false,
    schema: set,
    handler: async ({ body }, reply) => {
      const answers = await Promise.all(
        Object.entries(body).map(
          async ([process, wanted]) => [process, await apply(suspensions, process, wanted)] as const,
        ),
      )
      return reply.code(answers.some(([, { success }]) => success) ? 200 : 400).send(Object.fromEntries(answers))
    },
  })
}

async function apply(suspensions: Suspensions, process: string, wanted: unknown): Promise<z.output<typeof outcome>> {
  if (!PROCESS_NAMES.includes(process))
    return { success: false, error: `there is no process ${process}; there are ${PROCESS_NAMES.join(', ')}` }
  if (wanted !== 'suspended' && wanted !== 'active')
    return { success: false, error: `${JSON.stringify(wanted)} cannot be set; give "suspended" or "active"` }
  await (wanted === 'suspended' ? suspensions.suspend(process) : suspensions.activate(process))
  return { success: true, status: wanted }
}
