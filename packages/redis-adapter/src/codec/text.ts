import type { ClaimedJob, NewJob } from '@jobport/core/adapter'
import { span } from '../limits.ts'
import { packId } from './id.ts'
import { SEPARATOR, unwrap, wrap } from './value.ts'

/** Digits of a place in a call: two, in base 36, so that texts are in the order of their places. */
const PLACES = Array.from({ length: 36 * 36 }, (_, place) => place.toString(36).padStart(2, '0'))
/** Nine digits of time and two of the place make the order of a job among all of its queue. */
const STAMP = 9
const ORDER = 11
const COMMA = 44

const NAME = /^[\w.:-]+$/
const NONE: Readonly<Record<string, string>> = Object.freeze({})

/** Whether a job has nothing but a name and a payload. */
export function isPlain(job: NewJob): boolean {
  return (
    (job.delay === undefined || job.delay === 0) &&
    (job.priority === undefined || job.priority === 0) &&
    job.unique === undefined &&
    job.group === undefined &&
    job.policy === undefined &&
    isEmpty(job.headers) &&
    NAME.test(job.name)
  )
}

/**
 * Appends what lua/storing.lua takes for a job: its id, its text without the time that the script puts before it, and if it is not plain what the
 * script must know. `flag`: one more that its text has. The layout of texts is explained in lua/base.lua.
 */
export function pushJob(target: (string | number)[], job: NewJob, place: number, plain: boolean, flag = ''): void {
  const payload = wrap(job.payload)
  if (plain) {
    target.push(packId(job.id), `${PLACES[place]!},${job.name}\n${payload}`)
    return
  }
  const { delay = 0, priority = 0, group, unique, policy, headers } = job
  const groupText = group === undefined ? '' : JSON.stringify(group)
  const keyText = unique === undefined ? '' : JSON.stringify(unique.key)
  const flags = `${flag}${unique === undefined ? '' : 'u'}${group === undefined ? '' : 'g'}`
  const name = NAME.test(job.name) ? job.name : JSON.stringify(job.name)
  const policyText = policy === undefined ? '' : JSON.stringify(policy)
  const headersText = isEmpty(headers) ? '' : JSON.stringify(headers)
  target.push(
    packId(job.id),
    `${PLACES[place]!};${flags}\n${name}\n${priority}\n${groupText}\n${keyText}\n${policyText}\n${headersText}\n${payload}`,
    span(delay),
    priority,
    groupText,
    keyText,
    span(unique?.within ?? 0),
  )
}

/** What the text of a job says. */
export type Described = Pick<
  ClaimedJob,
  'name' | 'payload' | 'headers' | 'policy' | 'priority' | 'group' | 'enqueuedAt'
> & {
  readonly unique?: string
}

/** The texts of jobs of a reply, which has those of many in one. */
export function splitTexts(joined: readonly string[]): readonly string[] {
  return joined.flatMap((texts) => texts.split(SEPARATOR))
}

/** Reads the texts of jobs. Those next to each other mostly have one time and one name, so these are read once. */
export class TextReader {
  #stamp = ''
  #time = 0
  #name = ''
  #line = '\n'

  read(text: string): Described {
    const enqueuedAt = this.timeOf(text)
    const start = ORDER + 1
    if (text.charCodeAt(ORDER) === COMMA) {
      if (!text.startsWith(this.#line, start)) {
        this.#name = text.slice(start, text.indexOf('\n', start))
        this.#line = `${this.#name}\n`
      }
      return {
        name: this.#name,
        payload: unwrap(text.slice(start + this.#line.length)),
        headers: NONE,
        priority: 0,
        enqueuedAt,
      }
    }
    const lines: string[] = []
    let at = start
    for (let line = 0; line < 7; line++) {
      const end = text.indexOf('\n', at)
      lines.push(text.slice(at, end))
      at = end + 1
    }
    const [, name, priority, group, key, policy, headers] = lines as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    return {
      name: name.startsWith('"') ? JSON.parse(name) : name,
      payload: unwrap(text.slice(at)),
      headers: headers === '' ? NONE : Object.freeze(JSON.parse(headers)),
      priority: Number(priority),
      enqueuedAt,
      ...(group !== '' && { group: JSON.parse(group) }),
      ...(key !== '' && { unique: JSON.parse(key) }),
      ...(policy !== '' && { policy: JSON.parse(policy) }),
    }
  }

  /** Milliseconds since 1970 of the enqueue, from a text or just its order. */
  timeOf(text: string): number {
    const stamp = text.slice(0, STAMP)
    if (stamp !== this.#stamp) {
      this.#stamp = stamp
      this.#time = Math.floor(microsOf(stamp) / 1000)
    }
    return this.#time
  }
}

function isEmpty(headers: Readonly<Record<string, string>>): boolean {
  for (const _ in headers) return false
  return true
}

/** Digits of base 64, from '0' on in the order of their codes. */
function microsOf(stamp: string): number {
  let micros = 0
  for (let at = 0; at < stamp.length; at++) micros = micros * 64 + stamp.charCodeAt(at) - 48
  return micros
}
