import type { Outgoing, Properties } from './outgoing.ts'
import {
  APP_ID,
  AROUND,
  BASIC,
  BEGINNING,
  BODY,
  DELIVERY_MODE,
  DOUBLE,
  END,
  EXPIRATION,
  HEADER,
  HEADERS,
  MESSAGE_ID,
  METHOD,
  PRIORITY,
  PUBLISH,
  TEXT,
  TYPE,
} from './protocol.ts'

const MANDATORY = 1
const PERSISTENT = 2

const ALWAYS = HEADERS | DELIVERY_MODE | MESSAGE_ID | TYPE | APP_ID

/** More than a message needs besides its texts and its content in one frame. */
const ROOM = 128
/** Of UTF-8, for a UTF-16 code unit. */
const MOST_BYTES = 3
const LONGEST_SHORT_TEXT = 255

/** Messages share memory of this size, and leave in one piece when they are sent together. */
const PIECE = 64 * 1024

/**
 * Messages as AMQP 0-9-1 has them on the wire, for one channel. The driver has the same for all methods and properties there are, in a dozen buffers
 * for each message; this knows what ours have.
 */
export class Frames {
  readonly #channel: number
  readonly #largestBody: number
  #piece = Buffer.alloc(0)
  /** Of the piece, what was not taken yet. */
  #from = 0
  #to = 0
  readonly #full: Buffer[] = []

  constructor(channel: number, frameMax: number) {
    this.#channel = channel
    this.#largestBody = frameMax - AROUND
  }

  /** @throws RangeError when a text is too long for its place; then nothing is added. */
  add(message: Outgoing): void {
    const most = this.#mostBytes(message)
    if (this.#to + most > this.#piece.length) {
      this.#turn()
      this.#piece = Buffer.allocUnsafe(Math.max(PIECE, most))
      this.#from = this.#to = 0
    }
    const { exchange, key, content, properties } = message
    const afterMethod = this.#method(exchange, key, this.#to)
    const afterHeader = this.#header(properties, content.length, afterMethod)
    this.#to = this.#body(content, afterHeader)
  }

  /** All that was added, in order. */
  take(): readonly Buffer[] {
    this.#turn()
    return this.#full.splice(0)
  }

  #turn(): void {
    if (this.#to > this.#from) this.#full.push(this.#piece.subarray(this.#from, this.#to))
    this.#from = this.#to
  }

  #method(exchange: string, key: string, start: number): number {
    const piece = this.#piece
    let at = start + BEGINNING
    at = short(piece, BASIC, at)
    at = short(piece, PUBLISH, at)
    at = short(piece, 0, at) // a ticket, which nobody uses any more
    at = shortText(piece, exchange, at)
    at = shortText(piece, key, at)
    piece[at++] = MANDATORY
    return this.#frame(METHOD, start, at)
  }

  #header(properties: Properties, size: number, start: number): number {
    const piece = this.#piece
    const { messageId, type, appId, headers, priority, expiration } = properties
    let at = start + BEGINNING
    at = short(piece, BASIC, at)
    at = short(piece, 0, at) // a weight, which nobody uses
    at = long(piece, 0, at)
    at = long(piece, size, at)
    at = short(
      piece,
      ALWAYS | (priority === undefined ? 0 : PRIORITY) | (expiration === undefined ? 0 : EXPIRATION),
      at,
    )
    at = table(piece, headers, at)
    piece[at++] = PERSISTENT
    if (priority !== undefined) piece[at++] = priority
    if (expiration !== undefined) at = shortText(piece, String(expiration), at)
    at = shortText(piece, messageId, at)
    at = shortText(piece, type, at)
    at = shortText(piece, appId, at)
    return this.#frame(HEADER, start, at)
  }

  #body(content: Buffer, start: number): number {
    let at = start
    for (let from = 0; from < content.length; from += this.#largestBody) {
      const begin = at + BEGINNING
      const size = content.copy(this.#piece, begin, from, Math.min(content.length, from + this.#largestBody))
      at = this.#frame(BODY, at, begin + size)
    }
    return at
  }

  /** Closes a frame around what is there. */
  #frame(kind: number, start: number, end: number): number {
    const piece = this.#piece
    piece[start] = kind
    short(piece, this.#channel, start + 1)
    long(piece, end - start - BEGINNING, start + 3)
    piece[end] = END
    return end + 1
  }

  #mostBytes({ exchange, key, content, properties: { messageId, type, appId, headers } }: Outgoing): number {
    let text = exchange.length + key.length + messageId.length + type.length + appId.length
    let room = ROOM + AROUND * Math.ceil(content.length / this.#largestBody)
    for (const name in headers) {
      const value = headers[name]
      text += name.length
      if (typeof value === 'string') text += value.length
      room += 10
    }
    return room + text * MOST_BYTES + content.length
  }
}

function short(piece: Buffer, value: number, at: number): number {
  piece[at] = value >>> 8
  piece[at + 1] = value
  return at + 2
}

function long(piece: Buffer, value: number, at: number): number {
  piece[at] = value >>> 24
  piece[at + 1] = value >>> 16
  piece[at + 2] = value >>> 8
  piece[at + 3] = value
  return at + 4
}

function shortText(piece: Buffer, text: string, at: number): number {
  const bytes = piece.write(text, at + 1)
  if (bytes > LONGEST_SHORT_TEXT)
    throw new RangeError(`a text of ${bytes} bytes where at most ${LONGEST_SHORT_TEXT} are taken: ${text}`)
  piece[at] = bytes
  return at + 1 + bytes
}

function longText(piece: Buffer, text: string, at: number): number {
  const bytes = piece.write(text, at + 4)
  long(piece, bytes, at)
  return at + 4 + bytes
}

function table(piece: Buffer, headers: Properties['headers'], start: number): number {
  let at = start + 4
  for (const name in headers) {
    const value = headers[name]!
    at = shortText(piece, name, at)
    if (typeof value === 'string') {
      piece[at++] = TEXT
      at = longText(piece, value, at)
    } else {
      piece[at++] = DOUBLE
      at = piece.writeDoubleBE(value, at)
    }
  }
  long(piece, at - start - 4, start)
  return at
}
