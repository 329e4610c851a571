import { createWriteStream } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Unrecoverable } from '@jobport/core'
import { ForbiddenAddressError, type AddressGuard } from '@jobport/notifier'
import { MediaError } from '../items/item.ts'

export interface FetchOptions {
  readonly guard: AddressGuard
  readonly maxBytes: number
  readonly signal: AbortSignal
}

const MOST_REDIRECTS = 5
const SILENCE_MS = 30_000
/** Answers that another request to the same address will get too. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 410, 414, 451, 501])

/**
 * Fetches what is at an address into a file. Each step of the way is looked at by the guard, redirects too, and connected to at the address that was looked at.
 * @throws MediaError that may be told; Unrecoverable where another attempt cannot help
 */
export async function fetchLink(link: string, file: string, options: FetchOptions): Promise<void> {
  let url = new URL(link)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await get(url, options)
    const { statusCode = 0, headers } = response
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy()
      const next = URL.parse(headers.location, url.href)
      if (next === null || !/^https?:$/.test(next.protocol))
        throw final('the address leads to one that is no web address')
      url = next
    } else if (statusCode === 200) {
      return save(response, file, options)
    } else {
      response.destroy()
      const answer = `the server of the address answered ${statusCode}`
      throw FINAL.has(statusCode) ? final(answer) : new MediaError(answer)
    }
  }
  throw final(`the address leads on more than ${MOST_REDIRECTS} times`)
}

async function get(url: URL, { guard, signal }: FetchOptions): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const headers = { accept: 'image/*, video/*', 'user-agent': 'jobport-media-example' }
  try {
    guard.checkLiteral(url.hostname)
    return await new Promise((resolve, reject) => {
      const asked = request(url, { lookup: guard.lookup, signal, timeout: SILENCE_MS, agent: false, headers }, resolve)
      asked.on('timeout', () => asked.destroy(new Error('no answer')))
      asked.on('error', reject)
      asked.end()
    })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ForbiddenAddressError) throw final('the address is not public, or leads to one that is not')
    throw new MediaError('the server of the address cannot be reached', { cause: error })
  }
}

async function save(response: IncomingMessage, file: string, { maxBytes, signal }: FetchOptions): Promise<void> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) {
    response.destroy()
    throw tooLarge()
  }
  let bytes = 0
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > maxBytes) done(tooLarge())
      else done(null, chunk)
    },
  })
  try {
    await pipeline(response, limit, createWriteStream(file), { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Unrecoverable) throw error
    throw new MediaError('the server of the address broke off', { cause: error })
  }
}

function tooLarge(): Error {
  return final('the file at the address is larger than allowed')
}

/** Nothing changes by trying again, and the user may know why. */
function final(message: string): Error {
  return new Unrecoverable(message)
}
