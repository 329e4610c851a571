import { createHash } from 'node:crypto'
import { ClientError, type Http } from '@jobport/example-service'
import { ForbiddenAddressError, type AddressGuard } from '@jobport/notifier'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ChecksQueue } from '../backend.ts'
import { urlCheck } from '../jobs.ts'
import { submittedUrl, UncheckableUrlError } from '../url/checkable-url.ts'
import type { Tokens } from './tokens.ts'

const MOST_URLS = 100

export interface AddJobOptions {
  readonly queue: ChecksQueue
  readonly guard: AddressGuard
  /** Absent: everybody may submit. */
  readonly tokens: Tokens | undefined
}

const url = z
  .string()
  .max(4_096)
  .transform((text, context) => {
    try {
      return submittedUrl(text)
    } catch (error) {
      if (!(error instanceof UncheckableUrlError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  })
  .describe('without a protocol it is https')

const body = z
  .strictObject({ url: url.optional(), urls: z.array(url).min(1).max(MOST_URLS).optional() })
  .refine((given) => (given.url === undefined) !== (given.urls === undefined), 'give either url or urls')

const answer = z.object({
  jobs: z.array(
    z.object({
      id: z.string(),
      url: z.string().describe('as it will be checked'),
      duplicate: z.boolean().describe('the same URL was waiting already; this is its job'),
    }),
  ),
})

/** `POST /add_job`: one URL or several. */
export function addJob(app: Http, { queue, guard, tokens }: AddJobOptions): void {
  const schema = {
    summary: 'Submit a URL, or several',
    description: `A URL that waits to be checked is not submitted twice: its job is answered once more, so a call may be repeated.${
      tokens === undefined ? '' : ' It takes a token: authorization: Bearer …'
    }`,
    body,
    response: { 202: answer },
  }
  app.post('/add_job', { schema }, async (request, reply) => {
    const user = tokens && (await holderOf(request, tokens))
    const { url, urls = [] } = request.body
    if (url !== undefined) checkAddress(guard, url, 'body.url')
    urls.forEach((each, index) => checkAddress(guard, each, `body.urls.${index}`))
    const all = url === undefined ? urls : [url]
    const headers = user === undefined ? {} : { user }
    const receipts = await queue.enqueueMany(
      urlCheck,
      all.map(({ href }) => ({ input: { url: href }, options: { unique: { key: keyOf(href) }, headers } })),
    )
    const jobs = receipts.map((receipt, index) => {
      if (receipt.status === 'refused') throw receipt.error
      return { id: receipt.ticket.id, url: all[index]!.href, duplicate: receipt.status === 'duplicate' }
    })
    request.log.info({ user, jobs: jobs.map(({ id }) => id) }, 'submitted')
    return reply.code(202).send({ jobs })
  })
}

async function holderOf({ headers }: FastifyRequest, tokens: Tokens): Promise<string> {
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1]
  const holder = token === undefined ? undefined : await tokens.holderOf(token)
  if (holder !== undefined) return holder
  const what = token === undefined ? 'is missing' : 'is not valid, or no longer'
  throw new ClientError(401, 'token', `the token ${what}: send it as authorization: Bearer …`, 'headers.authorization')
}

/** What an address says of itself is known before anything is looked up; names are looked at when they are requested. */
function checkAddress(guard: AddressGuard, { hostname }: URL, field: string): void {
  try {
    guard.checkLiteral(hostname)
  } catch (error) {
    if (!(error instanceof ForbiddenAddressError)) throw error
    throw new ClientError(400, 'address-not-public', `${field}: ${hostname} is an address that is not public`, field)
  }
}

/** A key may have 128 characters, a URL has more. */
function keyOf(href: string): string {
  return createHash('sha256').update(href).digest('base64url')
}
