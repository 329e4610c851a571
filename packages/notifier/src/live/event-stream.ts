import type { Ms } from '@jobport/core/notify'

export interface StreamedEvent {
  readonly event: string
  readonly id?: string
  /** One line. */
  readonly data: string
}

/** A client that does not read for so long that this much waits is let go: it comes back with its last id. */
const MOST_WAITING = 1_000
const RECONNECT_AFTER: Ms = 3_000

/** The body of one answer, in the format of server-sent events. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #encoder = new TextEncoder()
  readonly #onClose: (() => void)[] = []
  readonly #heartbeat: NodeJS.Timeout
  #controller!: ReadableStreamDefaultController<Uint8Array>
  #isOpen = true

  constructor(heartbeat: Ms) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        cancel: () => this.close(),
      },
      { highWaterMark: MOST_WAITING },
    )
    this.#write(`retry: ${RECONNECT_AFTER}\n\n`)
    this.#heartbeat = setInterval(() => this.#write(': alive\n\n'), heartbeat)
    this.#heartbeat.unref()
  }

  send({ event, id, data }: StreamedEvent): void {
    this.#write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`)
  }

  onClose(callback: () => void): void {
    if (this.#isOpen) this.#onClose.push(callback)
    else callback()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearInterval(this.#heartbeat)
    try {
      this.#controller.close()
    } catch {
      // Whoever read it has gone, and closed it.
    }
    for (const callback of this.#onClose) callback()
  }

  #write(text: string): void {
    if (!this.#isOpen) return
    if ((this.#controller.desiredSize ?? 0) <= 0) this.close()
    else this.#controller.enqueue(this.#encoder.encode(text))
  }
}
