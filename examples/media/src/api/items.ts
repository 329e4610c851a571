import { basename, dirname, extname } from 'node:path'
import type { Inspector, JobRecord } from '@jobport/core'
import { ClientError, type Http } from '@jobport/example-service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Intake, Receipt, Submission } from '../intake/intake.ts'
import type { Catalogue } from '../items/catalogue.ts'
import { isItem, itemSchema, viewItem } from '../items/item.ts'
import { FILES, ITEM_JOBS, type ItemKind } from '../items/jobs.ts'
import type { Storage } from '../storage/storage.ts'
import type { Callers } from './callers.ts'

export interface ItemsOptions {
  readonly callers: Callers
  readonly intake: Intake
  readonly catalogue: Catalogue
  readonly storage: Storage
  readonly inspect: Inspector
}

const tags = ['items']
const idempotent = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Repeat a submission with the same key, and there is one item.'),
})
const receiptSchema = z.object({
  id: z.string(),
  kind: z.enum(Object.keys(ITEM_JOBS) as [ItemKind, ...ItemKind[]]),
  repeated: z.boolean().describe('It had been handed in before.'),
})

const upload = z.object({ file: z.any().meta({ type: 'string', format: 'binary' }) })
const link = z.object({ url: z.string().max(2_000), name: z.string().max(500).optional() })
const idSchema = z.object({ id: z.string().max(80) })
const pageSchema = z.object({ items: z.array(itemSchema), next: z.string().optional() })

/** Handing items in, and what becomes of them. */
export function addItems(http: Http, { callers, intake, catalogue, storage, inspect }: ItemsOptions): void {
  http.post(
    '/items/upload',
    {
      schema: {
        tags,
        summary: 'Hand in an image or a video',
        consumes: ['multipart/form-data'],
        headers: idempotent,
        body: upload,
        response: { 202: receiptSchema },
      },
      // The body is a stream; it is looked at as it comes. The rest is checked as everywhere.
      validatorCompiler: ({ schema, httpPart }) =>
        httpPart === 'body' ? (value) => ({ value }) : http.validatorCompiler!({ schema, httpPart } as never),
    },
    async (request, reply) => {
      const submission = await submissionOf(request)
      const part = request.isMultipart() ? await request.file() : undefined
      if (part === undefined)
        throw new ClientError(400, 'invalid', 'must be multipart/form-data with one file', 'body.file')
      return accepted(await intake.file({ ...submission, name: part.filename }, part.file), reply)
    },
  )

  http.post(
    '/items/link',
    {
      schema: {
        tags,
        summary: 'Hand in the address of an image or a video',
        headers: idempotent,
        body: link,
        response: { 202: receiptSchema },
      },
    },
    async (request, reply) => {
      const { url, name } = request.body
      return accepted(await intake.link({ ...(await submissionOf(request)), name }, url), reply)
    },
  )

  http.get(
    '/items',
    {
      schema: {
        tags,
        summary: "A user's items, newest first",
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(200).default(50),
          after: z.string().max(80).optional().describe('`next` of the page before.'),
        }),
        response: { 200: pageSchema },
      },
    },
    async (request) => {
      const { user } = await callers.identify(request)
      const { limit, after } = request.query
      const ids = await catalogue.list(user, { limit, ...(after !== undefined && { after }) })
      const records = await inspect.find(ids)
      const items = records.filter((record) => record !== undefined).map(viewItem)
      return { items, ...(ids.length === limit && { next: ids.at(-1)! }) }
    },
  )

  http.get(
    '/items/:id',
    { schema: { tags, summary: 'State and result of an item', params: idSchema, response: { 200: itemSchema } } },
    async (request) => viewItem(await ownItem(request, request.params.id)),
  )

  http.get(
    '/items/:id/files/:file',
    {
      schema: {
        tags,
        summary: 'A file that was made of an item',
        params: idSchema.extend({ file: z.enum(FILES) }),
      },
    },
    async (request, reply) => {
      const { id, file } = request.params
      await ownItem(request, id)
      const path = await storage.locate(`${id}/${file}`)
      if (path === undefined) throw notFound()
      void reply.header('content-disposition', `inline; filename="${id}${extname(file)}"`)
      // What was made once stays as it is; but it is its user's.
      void reply.header('cache-control', 'private, max-age=3600, immutable')
      return reply.sendFile(basename(path), dirname(path), { cacheControl: false })
    },
  )

  async function submissionOf(request: FastifyRequest): Promise<Submission> {
    const identity = await callers.identify(request)
    const key = (request.headers as { readonly 'idempotency-key'?: string })['idempotency-key']
    return { identity, name: undefined, idempotencyKey: key }
  }

  /** Others' items are as unknown as those that are none. */
  async function ownItem(request: FastifyRequest, id: string): Promise<JobRecord> {
    const { user } = await callers.identify(request)
    const [record] = await inspect.find([id])
    if (record === undefined || record.headers['user'] !== user || !isItem(record)) throw notFound()
    return record
  }
}

function accepted(receipt: Receipt, reply: FastifyReply): Receipt {
  void reply.code(202).header('location', `/items/${receipt.id}`)
  return receipt
}

function notFound(): ClientError {
  return new ClientError(404, 'not-found', 'there is no such item, or not any more')
}
