import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Archive, Unpacked } from '../store/log-store.ts'
import { gunzip, PIECE } from './gunzip.ts'

/** A file that is open. */
export interface OpenArchive extends Archive, AsyncDisposable {
  /** What is in it. Throws at its end when somebody has written to the file meanwhile. */
  readonly unpacked: Unpacked
  /** How much of it has been read, 0 to 1. */
  readonly share: number
}

/** Opens a file and learns its identity, the hash of its bytes. What it is called later, or what else is called so then, makes no difference. */
export async function openArchive(name: string): Promise<OpenArchive> {
  const file = await open(name)
  const { size, mtimeMs } = await file.stat()
  const hash = createHash('sha256')
  for await (const part of file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1024 * 1024 }))
    hash.update(part as Buffer)

  const packed = file.createReadStream({ start: 0, autoClose: false, highWaterMark: PIECE })
  const unpack = async function* (): Unpacked {
    const broken = yield* gunzip(packed)
    const now = await file.stat()
    if (now.size !== size || now.mtimeMs !== mtimeMs) throw new Error('the file was written to while it was read')
    return broken
  }
  const unpacked = unpack()
  return {
    name,
    sha256: hash.digest('hex'),
    bytes: size,
    unpacked,
    get share() {
      return size === 0 ? 1 : packed.bytesRead / size
    },
    async [Symbol.asyncDispose]() {
      // Where reading was given up in the middle, zlib and the stream are let go.
      await unpacked.return(undefined)
      await file.close()
    },
  }
}
