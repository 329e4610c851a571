import type { ClaimedJob, Encoded } from '../../contract/job.ts'
import { decode, decodeTogether } from '../../encoding/json.ts'
import { keepShape } from '../../kit/keep-shape.ts'

const MOST = 64
/** Large payloads gain nothing, and would keep the thread busy. */
const MOST_CHARACTERS = 32 * 1024

/** The payloads of jobs that were claimed together. They are parsed in groups: the first that is needed parses those behind it as well. */
export class Payloads {
  readonly #texts: (Encoded | undefined)[]
  /** The values of the group, in which those that were taken are `undefined`; none when its texts have to be parsed one by one. */
  #group: unknown[] | undefined
  /** The group reaches from the first to before the second of these. */
  #from = 0
  #end = 0

  constructor(jobs: readonly ClaimedJob[]) {
    this.#texts = jobs.map((job) => job.payload)
  }

  /**
   * The value of the payload of one of the jobs, once: a job that runs for long must not keep what the others had.
   * @throws SyntaxError when it is not JSON.
   */
  take(index: number): unknown {
    if (index >= this.#end) this.#parseFrom(index)
    const text = this.#texts[index]!
    this.#texts[index] = undefined
    if (this.#group === undefined || index < this.#from) return decode(text)
    const value = this.#group[index - this.#from]
    this.#group[index - this.#from] = undefined
    return value
  }

  #parseFrom(index: number): void {
    const texts: Encoded[] = []
    let characters = 0
    for (let at = index; at < this.#texts.length && texts.length < MOST; at++) {
      const text = this.#texts[at]!
      characters += text.length
      if (characters > MOST_CHARACTERS) break
      texts.push(text)
    }
    this.#group = texts.length > 1 ? decodeTogether(texts) : undefined
    this.#from = index
    this.#end = index + texts.length
  }
}

keepShape(new Payloads([]))
