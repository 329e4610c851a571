import { createHttp, describeProblem, type Http, type Logger, type Operations } from '@jobport/example-service'
import type { Processes } from '../processes/processes.ts'
import type { Suspensions } from '../processes/suspensions.ts'
import type { Desk } from '../requests/desk.ts'
import type { Requests } from '../requests/requests.ts'
import { readJsonBodies } from './json-body.ts'
import { addProcessRoute } from './process-route.ts'
import { addProcessesRoutes } from './processes-route.ts'
import { addRequestsRoute } from './requests-route.ts'

export interface ApiOptions {
  readonly log: Logger
  readonly operations: Pick<Operations, 'registry' | 'endpoints'>
  readonly desk: Desk
  readonly requests: Requests
  readonly processes: Processes
  readonly suspensions: Suspensions
}

export async function createApi({
  log,
  operations,
  desk,
  requests,
  processes,
  suspensions,
}: ApiOptions): Promise<Http> {
  const app = await createHttp({
    log,
    title: 'Tasker',
    description: 'Tasks by request, through SQS and one central database',
    version: '1.0.0',
    bodyLimit: 64 * 1024,
    endpoints: operations.endpoints,
    describe: (problem) => ({ success: false, ...describeProblem(problem) }),
  })
  readJsonBodies(app)
  addProcessRoute(app, desk, operations.registry)
  addRequestsRoute(app, requests)
  addProcessesRoutes(app, processes, suspensions)
  return app
}
