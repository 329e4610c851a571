import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Unrecoverable } from '@jobport/core'
import { AddressGuard } from '@jobport/notifier'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../test/program.ts'
import { serve } from '../../test/stack.ts'
import { MediaError } from '../items/item.ts'
import { fetchLink } from './fetch-link.ts'

/** Fetches from a server on this machine, which is allowed; other addresses that are not public are not. */
async function fetchFrom(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { path = '/a.jpg', signal = new AbortController().signal } = {},
): Promise<string> {
  const url = await serve(answer)
  const file = join(temporaryFolder(), 'file')
  const guard = new AddressGuard(['127.0.0.1'])
  await fetchLink(new URL(path, url).href, file, { guard, maxBytes: 1_000, signal })
  return readFile(file, 'utf8')
}

const redirect = (location: string) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(302, { location }).end()

describe('what is at an address', () => {
  it('is fetched, also where the address leads on', async () => {
    const text = await fetchFrom((request, response) => {
      if (request.url === '/a.jpg') response.writeHead(301, { location: '/b.jpg' }).end()
      else response.end('content')
    })
    expect(text).toBe('content')
  })

  it.each([
    ['leads to an address that is not public', redirect('http://10.0.0.1/')],
    ['leads to this machine in another way', redirect('http://[::1]/')],
    ['leads to a file', redirect('file:///etc/passwd')],
    ['leads on for ever', redirect('/a.jpg')],
    [
      'says that it is too large',
      (_: IncomingMessage, response: ServerResponse) => void response.end('x'.repeat(1_001)),
    ],
    [
      'is too large and does not say so',
      (_: IncomingMessage, response: ServerResponse) => void response.write('x'.repeat(1_001)),
    ],
    ['is not there', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(404).end()],
  ])('is given up at once where it %s', async (_, answer) => {
    await expect(fetchFrom(answer)).rejects.toThrow(Unrecoverable)
  })

  it.each([
    ['answers that it is busy', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(503).end()],
    [
      'breaks off',
      (_: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy()),
    ],
    ['hangs up', (request: IncomingMessage) => void request.destroy()],
  ])('can be asked for again where its server %s', async (_, answer) => {
    await expect(fetchFrom(answer)).rejects.toThrow(MediaError)
  })

  it('is no longer waited for after an abort', async () => {
    const abort = new AbortController()
    const fetched = fetchFrom(() => abort.abort(new Error('closing')), { signal: abort.signal })
    await expect(fetched).rejects.toThrow('closing')
  })
})
