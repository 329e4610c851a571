import { setTimeout as sleep } from 'node:timers/promises'
import { selector, type Fault, type RequestFault, type Slowness } from './fault.ts'

/** The fault that is on at the moment, as the connections see it. */
export class CurrentFault {
  readonly #random: () => number
  #fault: Fault | undefined
  #hits: (request: Buffer) => boolean = () => false
  #over = new AbortController()

  constructor(random: () => number) {
    this.#random = random
  }

  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Every connection is silent, not only those whose request was chosen. */
  get isBlackOut(): boolean {
    return this.#fault?.kind === 'black-hole' && Object.keys(this.#fault).length === 1
  }

  get slowness(): Slowness | undefined {
    return this.#fault?.kind === 'delay' || this.#fault?.kind === 'trickle' ? this.#fault : undefined
  }

  change(fault: Fault | undefined): void {
    this.#fault = fault
    this.#hits = fault !== undefined && strikes(fault) ? selector(fault, this.#random) : () => false
    this.#over.abort()
    this.#over = new AbortController()
  }

  /** What befalls this request, if anything. */
  strike(request: Buffer): RequestFault['kind'] | undefined {
    return this.#hits(request) ? (this.#fault as RequestFault).kind : undefined
  }

  /** Resolves when so much time has passed, or when this fault is over. */
  async last(ms: number): Promise<void> {
    const { signal } = this.#over
    if (Number.isFinite(ms)) await sleep(ms, undefined, { signal }).catch(() => {})
    else if (!signal.aborted) await new Promise((over) => signal.addEventListener('abort', over, { once: true }))
  }
}

function strikes(fault: Fault): fault is RequestFault {
  return fault.kind === 'cut' || fault.kind === 'lose-reply' || fault.kind === 'black-hole'
}
