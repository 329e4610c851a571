import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync, constants } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { gunzip, NotGzipError, PIECE } from './gunzip.ts'

/** Does not compress well, so that it takes many pieces. */
const TEXT = Buffer.from(
  Array.from({ length: 40_000 }, (_, index) => `${(index * 7_919) % 99_991} line ${index}\n`).join(''),
)
const WHOLE = gzipSync(TEXT)

async function* pieces(file: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += PIECE) yield file.subarray(at, at + PIECE)
}

async function* slowly(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
  await sleep(50)
}

async function unpack(file: Buffer): Promise<{ readonly bytes: Buffer; readonly broken: string | undefined }> {
  const parts: Buffer[] = []
  const reading = gunzip(pieces(file))
  for (;;) {
    const next = await reading.next()
    if (next.done === true) return { bytes: Buffer.concat(parts), broken: next.value }
    parts.push(next.value)
  }
}

describe('a gzip file', () => {
  it('is unpacked', async () => expect(await unpack(WHOLE)).toEqual({ bytes: TEXT, broken: undefined }))

  it('of several members is unpacked as one', async () => {
    const both = Buffer.concat([WHOLE, gzipSync('more\n')])
    expect(await unpack(both)).toEqual({ bytes: Buffer.concat([TEXT, Buffer.from('more\n')]), broken: undefined })
  })

  it.each([11, 200, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 77, WHOLE.length - 9, WHOLE.length - 1])(
    'that ends after %d bytes gives everything before',
    async (length) => {
      const file = WHOLE.subarray(0, length)
      const bytes = gunzipSync(file, { finishFlush: constants.Z_SYNC_FLUSH })
      expect(await unpack(file)).toEqual({ bytes, broken: 'unexpected end of file' })
    },
  )

  it('whose second member ends too early gives the first, and what there is of the second', async () => {
    const { bytes, broken } = await unpack(Buffer.concat([WHOLE, WHOLE.subarray(0, 5_000)]))
    expect(bytes.subarray(0, TEXT.length).equals(TEXT)).toBe(true)
    expect(bytes.length).toBeGreaterThan(TEXT.length)
    expect(broken).toBe('unexpected end of file')
  })

  it('that is damaged gives what comes before the piece with the damage', async () => {
    const damaged = Buffer.from(WHOLE)
    damaged.fill(0xff, 5 * PIECE + 10, 5 * PIECE + 200)
    const before = gunzipSync(WHOLE.subarray(0, 5 * PIECE), { finishFlush: constants.Z_SYNC_FLUSH })
    const { bytes, broken } = await unpack(damaged)
    expect(broken).toMatch(/^(invalid|incorrect)/)
    expect(bytes.subarray(0, before.length).equals(before)).toBe(true)
  })

  it('without a byte is empty, and so is one of nothing', async () => {
    for (const file of [Buffer.alloc(0), gzipSync('')])
      expect(await unpack(file)).toEqual({ bytes: Buffer.alloc(0), broken: undefined })
  })

  it('that is none is refused, however slowly the next piece comes', async () => {
    await expect(gunzip(slowly('time:2017-11-01 00:00:00')).next()).rejects.toBeInstanceOf(NotGzipError)
  })
})
