import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export interface SampleOptions {
  /** `2017-11-01` */
  readonly day: string
  readonly lines: number
  /** How many different uris there are; a few of them get most of the requests. */
  readonly uris: number
  /** The same seed gives the same bytes. */
  readonly seed: number
  /** Which share of the lines is damaged, 0 to 1. */
  readonly damaged: number
}

const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE']
const LEVELS = [...Array.from({ length: 46 }, () => 'INFO'), 'WARN', 'WARN', 'WARN', 'ERROR']
const THINGS = ['messages', 'users', 'sessions', 'orders', 'search', 'files', 'events', 'reports']
const SECONDS_A_DAY = 86_400
const LINES_AT_A_TIME = 500

/** Each makes a line into one that is rejected. */
const DAMAGES: readonly ((line: string) => string)[] = [
  (line) => line.slice(0, 30),
  (line) => line.slice(24),
  (line) => line.replaceAll(':', '='),
  (line) => line.replace('uri:', 'uri:\u00ff'),
  (line) => line.replace('\tlevel:', '\tid:'),
  (line) => line.replace(/^time:..../, 'time:20x7'),
  (line) => line.replace('reqtime:', 'reqtime:~'),
]

/** The bytes of a day's log, in parts, the same for the same options. */
export function* sampleLog({ day, lines, uris, seed, damaged }: SampleOptions): Generator<Buffer> {
  const random = xoroshiro128plus(seed)
  const share = () => (random.next() >>> 0) / 2 ** 32
  const pick = <T>(from: readonly T[]) => from[Math.floor(share() * from.length)]!
  const names = Array.from({ length: uris }, (_, index) => uriOf(index))

  let part = ''
  for (let line = 0; line < lines; line++) {
    const time = timeOf(Math.floor((line * SECONDS_A_DAY) / lines))
    const uri = names[Math.floor(share() ** 3 * uris)]!
    const reqtime = (-Math.log(1 - share()) * 0.2).toFixed(6)
    const id = (random.next() >>> 0).toString(16).padStart(8, '0') + (random.next() >>> 0).toString(16).padStart(8, '0')
    const text = `time:${day} ${time}\tid:${id}\tlevel:${pick(LEVELS)}\tmethod:${pick(METHODS)}\turi:${uri}\treqtime:${reqtime}`
    part += `${damaged > 0 && share() < damaged ? pick(DAMAGES)(text) : text}\n`
    if (line % LINES_AT_A_TIME === LINES_AT_A_TIME - 1) {
      yield Buffer.from(part, 'latin1')
      part = ''
    }
  }
  if (part !== '') yield Buffer.from(part, 'latin1')
}

function uriOf(index: number): string {
  const thing = THINGS[index % THINGS.length]!
  return index < THINGS.length ? `/api/v1/${thing}` : `/api/v1/${thing}/${Math.floor(index / THINGS.length)}`
}

function timeOf(second: number): string {
  return `${two(Math.floor(second / 3_600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
