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
 * A stream would not do: when zlib fails, it drops what it has unpacked and nobody has taken yet.
 * @throws NotGzipError; and what `compressed` throws
 */
export async function* gunzip(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, string | undefined> {
  const unpacker = new Unpacker()
  try {
    let isEmpty = true
    let unpacking = Promise.resolve<string | undefined>(undefined)
    for await (const piece of compressed) {
      const broken = await unpacking
      const unpacked = unpacker.take()
      // A damaged file is read no further.
      if (broken !== undefined) return broken
      isEmpty = false
      // While one piece is being read, the next is being unpacked.
      unpacking = unpacker.write(piece)
      yield* unpacked
    }
    const broken = await unpacking
    yield* unpacker.take()
    // Asked only now whether that was all, when nothing is left to lose.
    return isEmpty ? undefined : (broken ?? (await unpacker.end()))
  } finally {
    unpacker.destroy()
  }
}

/** zlib's, which calls back when a piece is unpacked, but not when it cannot be. */
class Unpacker {
  readonly #zlib = createGunzip({ chunkSize: 256 * 1_024 })
  #unpacked: Buffer[] = []
  #settle: (failure?: Error | null) => void = () => {}

  constructor() {
    this.#zlib.on('data', (bytes: Buffer) => this.#unpacked.push(bytes))
    this.#zlib.on('error', (error) => this.#settle(error))
    this.#zlib.on('end', () => this.#settle())
  }

  /** Resolves to what is wrong with the file, if anything is. */
  write(piece: Buffer): Promise<string | undefined> {
    return this.#settled(() => this.#zlib.write(piece, (failure) => this.#settle(failure)))
  }

  end(): Promise<string | undefined> {
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

  #settled(begin: () => unknown): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => {
        if (failure?.message === 'incorrect header check') reject(new NotGzipError('it is not a gzip file'))
        else resolve(failure?.message)
      }
      begin()
    })
  }
}
