import { randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { BackendError } from '@jobport/core'
import type { EndpointsOptions } from '@jobport/telemetry'
import { createEndpoints } from '@jobport/telemetry'
import fastify, {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import type { Logger } from 'pino'
import { ClientError, UnavailableError } from './client-error.ts'

export interface HttpOptions {
  readonly log: Logger
  readonly title: string
  readonly description: string
  readonly version: string
  /** Bytes of a body. Default 1 MiB. */
  readonly bodyLimit?: number
  /** What `/metrics` and `/readyz` tell. */
  readonly endpoints: EndpointsOptions
  /** What callers are told while the backend is away or full: to come again. Without it they get a 500 that tells nothing. */
  readonly away?: string
  /** How the service writes its errors. Default `describeProblem`. */
  readonly describe?: (problem: HttpProblem) => object
}

/** What went wrong with a request, as far as its sender may know. */
export interface HttpProblem {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly field?: string
  readonly requestId: string
}

export type Http = FastifyInstance<any, any, any, Logger, ZodTypeProvider>

/**
 * A server whose routes are checked and described by zod schemas: OpenAPI at `/openapi.json` and, to read and try, at `/docs`; `/healthz`, `/readyz` and
 * `/metrics`; a request id (taken from `x-request-id` or made) in every answer, log line and error.
 */
export async function createHttp({
  log,
  title,
  description,
  version,
  bodyLimit = 1024 * 1024,
  endpoints,
  away,
  describe = describeProblem,
}: HttpOptions): Promise<Http> {
  const app = fastify({
    loggerInstance: log,
    bodyLimit,
    // A body's own limit is not the only way to be slow.
    requestTimeout: 30_000,
    genReqId: ({ headers }) => given(headers['x-request-id']) ?? randomUUID(),
    // While it closes, a request that came in time is answered.
    return503OnClosing: false,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
  }).withTypeProvider<ZodTypeProvider>()

  // A body that is not declared as JSON is refused, not handed over as text.
  app.removeContentTypeParser('text/plain')
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRequest', async ({ id }, reply) => void reply.header('x-request-id', id))
  // A connection that is kept open after the answer would keep the server open too.
  let isClosing = false
  app.addHook('preClose', async () => void (isClosing = true))
  app.addHook('onSend', async (_, reply) => void (isClosing && reply.header('connection', 'close')))
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    if (isOperational(request.url)) return
    const { method, url } = request
    const line = { method, url: url.split('?')[0], status: statusCode, ms: Math.round(elapsedTime) }
    request.log.info(line, 'request')
  })
  app.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${request.url.split('?')[0]}; /docs lists what there is`
    return answer(reply, { status: 404, code: 'not-found', message, requestId: request.id }, describe)
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const isAway = away !== undefined && error instanceof BackendError && error.retryable
    const told = isAway ? new UnavailableError('unavailable', away, RETRY_AFTER) : error
    const problem = problemOf(told, request)
    if (problem.status >= 500) request.log.error({ err: error }, 'request failed')
    if (told instanceof UnavailableError) reply.header('retry-after', told.retryAfter)
    return answer(reply, problem, describe)
  })

  await app.register(swagger, {
    openapi: { info: { title, description, version } },
    transform: jsonSchemaTransform,
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  const { listener } = createEndpoints(endpoints)
  for (const url of OPERATIONAL)
    app.get(url, { schema: { hide: true } }, (request, reply) => {
      reply.hijack()
      listener(request.raw, reply.raw)
    })
  return app
}

/** `{ error: { code, message, field?, requestId } }` */
export function describeProblem({ code, message, field, requestId }: HttpProblem): object {
  return { error: { code, message, ...(field !== undefined && { field }), requestId } }
}

/** Seconds after which it is worth asking again whether the backend is back. */
const RETRY_AFTER = 5

const OPERATIONAL = ['/healthz', '/readyz', '/metrics']

function isOperational(url: string): boolean {
  return OPERATIONAL.includes(url.split('?')[0]!)
}

function given(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) ? header : undefined
}

function answer(reply: FastifyReply, problem: HttpProblem, describe: (problem: HttpProblem) => object): FastifyReply {
  // What the route says of its answers holds for those that succeed.
  return reply
    .code(problem.status)
    .serializer(JSON.stringify)
    .header('content-type', 'application/json; charset=utf-8')
    .send(describe(problem))
}

function problemOf(error: FastifyError | ClientError, { id: requestId }: FastifyRequest): HttpProblem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation
    const path = (first?.instancePath ?? '').split('/').filter((part) => part !== '')
    const field = [error.validationContext ?? 'body', ...path].join('.')
    return { status: 400, code: 'invalid', message: `${field}: ${first?.message}`, field, requestId }
  }
  if (error instanceof ClientError) {
    const { statusCode: status, code, message, field } = error
    return { status, code, message, ...(field !== undefined && { field }), requestId }
  }
  const status = error.statusCode ?? 500
  if (status >= 500)
    return {
      status: 500,
      code: 'internal',
      message: 'the service failed; the request id finds it in the log',
      requestId,
    }
  return { status, code: CODES[error.code] ?? 'refused', message: error.message, requestId }
}

/** Of what fastify itself refuses. */
const CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'not-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'not-json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type',
}
