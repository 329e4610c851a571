import { isAscii } from 'node:buffer'
import { hash } from 'node:crypto'
import { emptyLine, type AccessLine } from './access-line.ts'
import { findTextProblem, parseLine, type Reason } from './parse-line.ts'

/** Whom a reader tells what it finds. The bytes are only lent for the time of the call. */
export interface LineSink {
  keep(number: number, line: AccessLine, bytes: Buffer): void
  /** `text` is the beginning of the line. */
  reject(number: number, reason: Reason, text: Buffer): void
}

export const LONGEST_LINE = 64 * 1_024
/** How much of a rejected line is kept. */
const SHOWN = 1_000
const [LF, CR] = [10, 13]

/** Cuts the bytes of a file, as they come, into lines, and parses them. What it holds is bounded, whatever comes. */
export class LineReader {
  /** Lines so far. The first one is 1. */
  lines = 0
  rejected = 0
  /** The hash of the first line; `null` of a file without one. */
  first: string | null = null
  readonly #sink: LineSink
  readonly #line = emptyLine()
  /** The beginning of a line whose end has not come yet, with room for the half of a line end. */
  readonly #open = Buffer.allocUnsafeSlow(LONGEST_LINE + 1)
  #openLength = 0
  #isTooLong = false

  constructor(sink: LineSink) {
    this.#sink = sink
  }

  /** Reads the next bytes of the file. */
  read(bytes: Buffer): void {
    // Of a part that is clean, no line has to be looked at for it.
    const isClean = isAscii(bytes) && !bytes.includes(0)
    let start = 0
    let end = bytes.indexOf(LF)
    if (end !== -1 && (this.#openLength > 0 || this.#isTooLong)) {
      this.#extend(bytes, 0, end)
      this.#endOpen()
      start = end + 1
      end = bytes.indexOf(LF, start)
    }
    for (; end !== -1; end = bytes.indexOf(LF, start)) {
      this.#take(bytes, start, end, isClean)
      start = end + 1
    }
    this.#extend(bytes, start, bytes.length)
  }

  /** The file is over. `isBroken`: it should not be, so its last line is not to be trusted, and is told as the place where it broke. */
  end(isBroken: boolean): void {
    if (isBroken) this.#reject('the file breaks off in this line', this.#open, 0, this.#openLength)
    else if (this.#openLength > 0 || this.#isTooLong) this.#endOpen()
  }

  #extend(bytes: Buffer, start: number, end: number): void {
    if (this.#openLength + end - start > this.#open.length) this.#isTooLong = true
    // Copies what there is room for.
    this.#openLength += bytes.copy(this.#open, this.#openLength, start, end)
  }

  #endOpen(): void {
    if (this.#isTooLong) this.#reject('the line is too long', this.#open, 0, this.#openLength)
    else this.#take(this.#open, 0, this.#openLength, false)
    this.#openLength = 0
    this.#isTooLong = false
  }

  #take(bytes: Buffer, start: number, lineEnd: number, isClean: boolean): void {
    const end = lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
    const reason =
      end - start > LONGEST_LINE
        ? 'the line is too long'
        : ((isClean ? undefined : findTextProblem(bytes, start, end)) ?? parseLine(bytes, start, end, this.#line))
    if (reason === undefined) {
      this.#begin(bytes, start, end)
      this.#sink.keep(this.lines, this.#line, bytes)
    } else this.#reject(reason, bytes, start, end)
  }

  #reject(reason: Reason, bytes: Buffer, start: number, end: number): void {
    this.#begin(bytes, start, end)
    this.rejected++
    this.#sink.reject(this.lines, reason, bytes.subarray(start, Math.min(end, start + SHOWN)))
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    this.lines++
    this.first ??= hash('sha256', bytes.subarray(start, end))
  }
}
