import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Enqueuer, Features, Inspector, JobRecord } from '@jobport/core'
import { ClientError, UnavailableError } from '@jobport/example-service'
import type { AddressGuard } from '@jobport/notifier'
import type { Identity } from '../identity/token.ts'
import type { Catalogue } from '../items/catalogue.ts'
import {
  EXPIRES,
  expireJob,
  imageJob,
  ITEM_JOBS,
  linkJob,
  originalOf,
  videoJob,
  type Headers,
  type ItemKind,
} from '../items/jobs.ts'
import { recognise } from '../media/recognise.ts'
import type { Storage } from '../storage/storage.ts'
import { checkLink, nameOf } from './link.ts'

export interface IntakeOptions {
  readonly queue: Pick<Enqueuer<Features>, 'enqueue'> & { readonly inspect: Inspector }
  readonly storage: Storage
  readonly catalogue: Catalogue
  readonly guard: AddressGuard
  /** The most jobs that may wait in a queue. Beyond that, submissions are refused, before the memory of Redis or the patience of the users is used up. */
  readonly mostWaiting: number
}

export interface Submission {
  readonly identity: Identity
  /** What the user calls the file. */
  readonly name: string | undefined
  /** Makes a repeat of a submission harmless: the item is the same. */
  readonly idempotencyKey: string | undefined
}

export interface Receipt {
  readonly id: string
  readonly kind: ItemKind
  /** It had been handed in before. */
  readonly repeated: boolean
}

/** A file on its way in. `truncated`: it is larger than allowed, and the rest was dropped. */
export interface Upload extends Readable {
  readonly truncated?: boolean
}

/** The longest name that is kept. */
const LONGEST = 120
const RECOUNT_MS = 1_000

/**
 * Takes files and links in and makes jobs of them. Its steps are in such an order that a process may die after any of them: the note that the files have to go is stored
 * before there are files, the file and the place in the user's list before the job.
 */
export class Intake {
  readonly #options: IntakeOptions
  readonly #waiting = new Map<string, { readonly count: number; readonly at: number }>()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** @throws ClientError */
  async file(submission: Submission, upload: Upload): Promise<Receipt> {
    const known = await this.#known(submission)
    if (known !== undefined) {
      upload.resume()
      return known
    }
    const { storage } = this.#options
    const draft = storage.draft()
    try {
      await pipeline(upload, createWriteStream(draft))
      if (upload.truncated === true) throw new ClientError(413, 'too-large', 'the file is larger than allowed')
      const type = await recognise(draft)
      if (type === undefined)
        throw new ClientError(415, 'unknown-media', 'the content is of no image or video that is supported')
      await this.#checkRoom(ITEM_JOBS[type.kind].queue)
      const id = idOf(type.kind, submission)
      const original = originalOf(id)
      await this.#announce(id, submission)
      await storage.store({ [original]: draft })
      const options = { id, headers: headersOf(submission) }
      const { queue } = this.#options
      const ticket = await (type.kind === 'image'
        ? queue.enqueue(imageJob, { original }, options)
        : queue.enqueue(videoJob, { original }, options))
      return { id, kind: type.kind, repeated: ticket.duplicate }
    } finally {
      await rm(draft, { force: true })
    }
  }

  /** @throws ClientError */
  async link(submission: Submission, text: string): Promise<Receipt> {
    const url = checkLink(text, this.#options.guard)
    const known = await this.#known(submission)
    if (known !== undefined) return known
    await this.#checkRoom(linkJob.queue)
    const id = idOf('link', submission)
    await this.#announce(id, submission)
    const headers = headersOf({ ...submission, name: submission.name ?? nameOf(url) })
    const ticket = await this.#options.queue.enqueue(linkJob, { url: url.href }, { id, headers })
    return { id, kind: 'link', repeated: ticket.duplicate }
  }

  async #known(submission: Submission): Promise<Receipt | undefined> {
    if (submission.idempotencyKey === undefined) return undefined
    const kinds = Object.keys(ITEM_JOBS) as ItemKind[]
    const found = await this.#options.queue.inspect.find(kinds.map((kind) => idOf(kind, submission)))
    const index = found.findIndex((record: JobRecord | undefined) => record !== undefined)
    return index === -1 ? undefined : { id: found[index]!.id, kind: kinds[index]!, repeated: true }
  }

  async #announce(id: string, { identity }: Submission): Promise<void> {
    const { queue, catalogue } = this.#options
    await Promise.all([
      queue.enqueue(expireJob, { item: id }, { id: `expire-${id}`, delay: EXPIRES }),
      catalogue.add(identity.user, id),
    ])
  }

  /** Counts once a second at most: a thousand submissions more do no harm, a thousand counts would. */
  async #checkRoom(queue: string): Promise<void> {
    const known = this.#waiting.get(queue)
    const isFresh = known !== undefined && performance.now() - known.at < RECOUNT_MS
    const count = isFresh ? known.count : (await this.#options.queue.inspect.counts(queue)).waiting
    if (!isFresh) this.#waiting.set(queue, { count, at: performance.now() })
    if (count >= this.#options.mostWaiting)
      throw new UnavailableError('busy', 'too much is waiting to be worked on; try again in a minute', 60)
  }
}

function idOf(kind: ItemKind, { identity, idempotencyKey }: Submission): string {
  if (idempotencyKey === undefined) return `${kind}-${randomUUID()}`
  const hash = createHash('sha256').update(JSON.stringify([identity.user, idempotencyKey]))
  return `${kind}-${hash.digest('hex').slice(0, 32)}`
}

function headersOf({ identity: { user, email, application }, name }: Submission): Headers {
  return { user, application, name: cleanName(name), ...(email !== undefined && { email }) }
}

/** For lists and mails: one line, without what steers a terminal or turns the direction of the text. */
function cleanName(name = ''): string {
  const clean = name.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  return clean === '' ? 'unnamed' : clean.slice(0, LONGEST).toWellFormed()
}
