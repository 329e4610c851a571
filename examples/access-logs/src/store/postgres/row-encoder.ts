import { ID, LEVEL, METHOD, URI, type AccessLine } from '../../ltsv/access-line.ts'

/** Of the binary format of COPY: its first bytes, and the two that end it. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const TRAILER = Buffer.from([0xff, 0xff])

const COLUMNS = 8
/** All of a row but its texts: lengths, time, number, file, line. */
const FIXED = 2 + COLUMNS * 4 + 8 + 8 + 4 + 4
const ROOM = 512 * 1_024

const SECONDS_TO_2000 = 946_684_800
const TWO_32 = 2 ** 32
/** What is written instead of the length of a value that is not there. */
const NULL = -1

/**
 * Writes lines as the rows of COPY in its binary format: texts go over byte by byte as they stand in the log, nothing is escaped, and the server need not parse times and
 * numbers.
 */
export class RowEncoder {
  readonly #file: number
  #rows = Buffer.allocUnsafeSlow(ROOM)
  #view = viewOf(this.#rows)
  #length = 0

  constructor(file: number) {
    this.#file = file
  }

  add(number: number, { time, reqtime, spans }: AccessLine, bytes: Buffer): void {
    this.#makeRoom(FIXED + textLength(spans))
    const view = this.#view
    let at = this.#length
    view.setInt16(at, COLUMNS)
    at += 2
    // Microseconds from 2000 on. They exceed what a double counts one by one, but are multiples of 64, which it holds exactly.
    const micros = (time - SECONDS_TO_2000) * 1_000_000
    const high = Math.floor(micros / TWO_32)
    view.setInt32(at, 8)
    view.setInt32(at + 4, high)
    view.setUint32(at + 8, micros - high * TWO_32)
    at += 12
    if (Number.isNaN(reqtime)) {
      view.setInt32(at, NULL)
      at += 4
    } else {
      view.setInt32(at, 8)
      view.setFloat64(at + 4, reqtime)
      at += 12
    }
    view.setInt32(at, 4)
    view.setInt32(at + 4, this.#file)
    view.setInt32(at + 8, 4)
    view.setInt32(at + 12, number)
    at += 16
    at = this.#addText(at, ID, spans, bytes)
    at = this.#addText(at, LEVEL, spans, bytes)
    at = this.#addText(at, METHOD, spans, bytes)
    this.#length = this.#addText(at, URI, spans, bytes)
  }

  /** The rows since the last time, as a part of the format: copied, for they may still be on their way when the next are written. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.#length)
    this.#rows.copy(taken, 0, 0, this.#length)
    this.#length = 0
    return taken
  }

  #addText(start: number, label: number, spans: Int32Array, bytes: Buffer): number {
    const from = spans[2 * label]!
    const to = spans[2 * label + 1]!
    if (from === to) {
      this.#view.setInt32(start, NULL)
      return start + 4
    }
    this.#view.setInt32(start, to - from)
    const rows = this.#rows
    let at = start + 4
    for (let index = from; index < to; index++) rows[at++] = bytes[index]!
    return at
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#rows.length) return
    const larger = Buffer.allocUnsafeSlow(2 * this.#rows.length + bytes)
    this.#rows.copy(larger, 0, 0, this.#length)
    this.#rows = larger
    this.#view = viewOf(larger)
  }
}

/** The parts between what COPY wants before and after them. */
export async function* copyFormat(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield HEADER
  yield* parts
  yield TRAILER
}

function textLength(spans: Int32Array): number {
  let length = 0
  for (let label = ID; label <= URI; label++) length += spans[2 * label + 1]! - spans[2 * label]!
  return length
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
