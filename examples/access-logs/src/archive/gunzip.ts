import { createGunzip } from 'node:zlib'

/** Small, for what zlib made of a piece is lost when the piece turns out to be damaged. */
export const PIECE = 16 * 1_024

/** The file is no gzip at all. */
export class NotGzipError extends Error {
  override readonly name = 'NotGzipError'
}

/**
 * Unpacks a gzip file of one member or several, read in pieces of `PIECE` bytes. Yields all that can be read, and returns why that is not all, if so: a file that ends too
 * early gives everything up to its end, one that is damaged everything up to the piece with the damage. A file without a byte is one without a line.
 *
 * A piece is done with when the one after the next is asked for. A stream would not do: when zlib fails, it drops what it has unpacked and nobody has taken yet.
 * @throws NotGzipError; and what `compressed` throws
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, string | undefined> {
  const unpacker = new Unpacker()
  try {
    let isEmpty = true
    let unpacking = Promise.resolve<Error | undefined>(undefined)
    for await (const piece of compressed) {
      const broken = reasonOf(await unpacking)
      const unpacked = unpacker.take()
      // A damaged file is read no further.
      if (broken !== undefined) return broken
      isEmpty = false
      // While one piece is being read, the next is being unpacked.
      unpacking = unpacker.write(piece)
      yield* unpacked
    }
    const broken = reasonOf(await unpacking)
    yield* unpacker.take()
    // Asked only now whether that was all, when nothing is left to lose.
    return isEmpty ? undefined : (broken ?? reasonOf(await unpacker.end()))
  } finally {
    unpacker.destroy()
  }
}

/** @throws NotGzipError */
function reasonOf(failure: Error | undefined): string | undefined {
  if (failure?.message === 'incorrect header check') throw new NotGzipError('it is not a gzip file')
  return failure?.message
}

/** zlib's, which calls back when a piece is unpacked, but not when it cannot be. */
class Unpacker {
  readonly #zlib = createGunzip({ chunkSize: 64 * 1_024 })
  #unpacked: Buffer[] = []
  #settle: (failure?: Error | null) => void = () => {}

  constructor() {
    this.#zlib.on('data', (bytes: Buffer) => this.#unpacked.push(bytes))
    this.#zlib.on('error', (error) => this.#settle(error))
    this.#zlib.on('end', () => this.#settle())
  }

  /** Resolves to what is wrong with the file, if anything is. It never rejects: nobody may be waiting yet. */
  write(piece: Buffer): Promise<Error | undefined> {
    return this.#settled(() => this.#zlib.write(piece, (failure) => this.#settle(failure)))
  }

  end(): Promise<Error | undefined> {
    return this.#settled(() => this.#zlib.end())
  }

  take(): readonly Buffer[] {
    const taken = this.#unpacked
    this.#unpacked = []
    return taken
  }

  destroy(): void {
    this.#zlib.destroy()
  }

  #settled(begin: () => unknown): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.#settle = (failure) => resolve(failure ?? undefined)
      begin()
    })
  }
}
