import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Archive, Unpacked } from '../store/log-store.ts'
import { gunzip, PIECE } from './gunzip.ts'

/** A file that is open. */
export interface OpenArchive extends Archive, AsyncDisposable {
  /** What is in it. Once. Throws at its end when somebody has written to the file meanwhile. */
  unpack(): Unpacked
  /** How much of it has been read, 0 to 1. */
  readonly share: number
}

/** Opens a file and learns its identity, the hash of its bytes. What it is called later, or what else is called so then, makes no difference. */
export async function openArchive(name: string): Promise<OpenArchive> {
  const file = await open(name)
  const before = await file.stat()
  const hash = createHash('sha256')
  for await (const part of file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 }))
    hash.update(part as Buffer)
  const packed = file.createReadStream({ start: 0, autoClose: false, highWaterMark: PIECE })
  return {
    name,
    sha256: hash.digest('hex'),
    bytes: before.size,
    async *unpack() {
      const broken = yield* gunzip(packed)
      const { size, mtimeMs } = await file.stat()
      if (size !== before.size || mtimeMs !== before.mtimeMs)
        throw new Error('the file was written to while it was read')
      return broken
    },
    get share() {
      return before.size === 0 ? 1 : packed.bytesRead / before.size
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}
