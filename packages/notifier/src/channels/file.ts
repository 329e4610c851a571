import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { checkKnown, OptionError } from '@jobport/core/notify'
import type { Channel, Message } from '../channel.ts'

export interface FileChannelOptions {
  /** Lines are appended to it; it and its folders are made when they are missing. */
  readonly file: string
  /** Whether a message counts as delivered only when it is on the disk, so that a power cut cannot take it back. Default true. */
  readonly fsync?: boolean
  /**
   * How many of the newest ids to remember, so that a repeat makes no second line. Read from the file when it is opened. Default 100,000, some 10 MB;
   * 0: write every repeat.
   */
  readonly remember?: number
}

/** One message as it stands in the file, one a line. */
export interface FileLine
  extends
    Pick<Message, 'id' | 'to' | 'event' | 'severity' | 'subject' | 'text'>,
    Pick<Message['notification'], 'job' | 'result' | 'error' | 'digest'> {
  /** When it was written, ISO 8601. */
  readonly at: string
}

/**
 * Appends each message to a file as a line of JSON (`FileLine`). At least once: a repeat is recognised as long as its id is remembered, and by this process alone;
 * when several write to one file, a message whose delivery was cut short can stand there twice, with the same `id`. Messages that arrive together are
 * written together.
 * @throws OptionError
 */
export function fileChannel(options: FileChannelOptions): Channel {
  checkKnown(options, ['file', 'fsync', 'remember'], 'fileChannel')
  const { file, fsync = true, remember = 100_000 } = options
  if (typeof file !== 'string' || file === '') throw new OptionError('file', 'is missing; give the path of a file')
  if (!(remember >= 0))
    throw new OptionError('remember', `${remember} is not a number of ids; give an integer from 0 up`)
  return new FileChannel(resolve(file), fsync, remember)
}

interface Batch {
  readonly messages: Message[]
  readonly written: Promise<void>
}

class FileChannel implements Channel {
  readonly #file: string
  readonly #fsync: boolean
  readonly #remember: number
  readonly #known = new Set<string>()
  #handle: FileHandle | undefined
  /** Messages that leave when the write before them has ended. */
  #next: Batch | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(file: string, fsync: boolean, remember: number) {
    this.#file = file
    this.#fsync = fsync
    this.#remember = remember
  }

  deliver(message: Message): Promise<void> {
    this.#next ??= this.#batch()
    this.#next.messages.push(message)
    return this.#next.written
  }

  async close(): Promise<void> {
    await this.#last
    await this.#handle?.close()
    this.#handle = undefined
  }

  #batch(): Batch {
    const messages: Message[] = []
    const written = this.#last.then(() => this.#write(messages))
    this.#last = written.catch(() => {})
    return { messages, written }
  }

  async #write(messages: readonly Message[]): Promise<void> {
    this.#next = undefined
    try {
      this.#handle ??= await this.#open()
      const news = new Map(messages.filter(({ id }) => !this.#known.has(id)).map((message) => [message.id, message]))
      if (news.size === 0) return
      await this.#handle.appendFile([...news.values()].map(toLine).join(''))
      if (this.#fsync) await this.#handle.datasync()
      for (const id of news.keys()) this.#learn(id)
    } catch (error) {
      // How much of it was written is unknown, so the file is read again before the next line.
      await this.#handle?.close().catch(() => {})
      this.#handle = undefined
      throw error
    }
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#file), { recursive: true })
    const handle = await open(this.#file, 'a+')
    try {
      const { size } = await handle.stat()
      if (size === 0) return handle
      await this.#readIds()
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
      // A write that was cut short must not swallow the line after it.
      if (buffer[0] !== 0x0a) await handle.appendFile('\n')
      return handle
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #readIds(): Promise<void> {
    if (this.#remember === 0) return
    const stream = createReadStream(this.#file, 'utf8')
    const lines = createInterface({ input: stream, crlfDelay: Infinity })
    lines.on('line', (line) => {
      const id = idOf(line)
      if (id !== undefined) this.#learn(id)
    })
    await Promise.all([once(lines, 'close'), once(stream, 'close')])
  }

  #learn(id: string): void {
    if (this.#remember === 0) return
    this.#known.add(id)
    if (this.#known.size > this.#remember) {
      const [oldest] = this.#known
      this.#known.delete(oldest!)
    }
  }
}

function toLine({ id, to, event, severity, subject, text, notification }: Message): string {
  const { job, result, error, digest } = notification
  const line: FileLine = {
    id,
    at: new Date().toISOString(),
    to,
    event,
    severity,
    subject,
    text,
    job,
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
    ...(digest !== undefined && { digest }),
  }
  return `${JSON.stringify(line)}\n`
}

/** `undefined` for a line that is not one of ours, or not whole. */
function idOf(line: string): string | undefined {
  try {
    const { id } = JSON.parse(line) as { readonly id?: unknown }
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
