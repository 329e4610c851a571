import { fastifyCookie } from '@fastify/cookie'
import { fastifyMultipart } from '@fastify/multipart'
import type { Backend, Inspector } from '@jobport/core'
import { createHttp, measureRequests, type Http, type Logger, type Operations } from '@jobport/example-service'
import type { Live } from '@jobport/notifier/live'
import type { Tokens } from '../identity/token.ts'
import type { Intake } from '../intake/intake.ts'
import type { Catalogue } from '../items/catalogue.ts'
import type { Storage } from '../storage/storage.ts'
import { createCallers } from './callers.ts'
import { addEvents } from './events.ts'
import { addItems } from './items.ts'
import { addPage } from './page.ts'
import { addSession } from './session.ts'

export interface ApiOptions {
  readonly log: Logger
  readonly operations: Pick<Operations, 'endpoints' | 'registry'>
  readonly backend: Backend
  readonly inspect: Inspector
  readonly tokens: Tokens
  readonly intake: Intake
  readonly catalogue: Catalogue
  readonly storage: Storage
  readonly maxBytes: number
  readonly openSignIn: boolean
  readonly publicUrl: string
  /** The folder of the page. */
  readonly page: string
}

/** A slow line may take so long to bring a file. */
const UPLOAD_MS = 15 * 60_000

/** The server of the producer, with all its routes. */
export async function createApi(options: ApiOptions): Promise<{ readonly http: Http; readonly live: Live }> {
  const { log, operations, backend, tokens, maxBytes, publicUrl } = options
  const http = await createHttp({
    log,
    title: 'Media',
    description: 'Hands images and videos over to be worked on, and tells what became of them.',
    version: '1.0.0',
    endpoints: operations.endpoints,
    away: 'items cannot be taken in or looked up just now; repeat the call, with the same Idempotency-Key',
  })
  http.server.requestTimeout = UPLOAD_MS
  measureRequests(http, operations.registry)
  await http.register(fastifyCookie)
  await http.register(fastifyMultipart, {
    limits: { fileSize: maxBytes, files: 1, fields: 10 },
    // The intake tells it in its own words.
    throwFileSizeLimit: false,
  })
  http.addHook('onRequest', async (_, reply) => void reply.header('x-content-type-options', 'nosniff'))
  const callers = createCallers(tokens)
  addSession(http, { tokens, callers, open: options.openSignIn, secure: publicUrl.startsWith('https:') })
  addItems(http, { ...options, callers })
  const live = addEvents(http, backend, callers, log)
  await addPage(http, options.page)
  return { http, live }
}
