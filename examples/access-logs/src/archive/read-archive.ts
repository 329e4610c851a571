import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import type { Archive, Unpacked } from '../store/log-store.ts'
import { gunzip, PIECE } from './gunzip.ts'

/** Of what is only hashed. */
const LARGE = 256 * 1_024

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
  for await (const piece of pieces(file, LARGE)) hash.update(piece)

  let read = 0
  const packed = async function* () {
    for await (const piece of pieces(file, PIECE)) {
      read += piece.length
      yield piece
    }
  }
  const unpack = async function* (): Unpacked {
    const broken = yield* gunzip(packed())
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
      return size === 0 ? 1 : read / size
    },
    async [Symbol.asyncDispose]() {
      // Where reading was given up in the middle, zlib is let go.
      await unpacked.return(undefined)
      await file.close()
    },
  }
}

/** Reads into two buffers by turns: a piece is good until the one after the next is asked for. A stream would leave a buffer behind for each. */
async function* pieces(file: FileHandle, length: number): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const
  for (let at = 0, turn = 0; ; turn = 1 - turn) {
    const buffer = buffers[turn]!
    const { bytesRead } = await file.read(buffer, 0, length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
