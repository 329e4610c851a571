import { styleText } from 'node:util'

/** How many of something are over. */
export interface Tally {
  readonly total: number
  readonly finished: number
  readonly dead: number
  /** Waiting for their next attempt. */
  readonly later: number
}

/** By what is counted, in the order of the lines. */
export type Tallies = Readonly<Record<string, Tally>>

/** Shows how far a run is while it runs. */
export interface Display {
  update(tallies: Tallies): void
  /** What is being done at the moment, such as `lights.mp4 40 %`; `undefined`: nothing worth a word. */
  busy(what: string | undefined): void
  /** A line that stays. */
  note(line: string): void
  /** Leaves the last state on the screen. */
  close(): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/** On a terminal a picture that is redrawn; elsewhere a line about once a second. */
export function createDisplay(output: Output): Display {
  return output.isTTY ? new LiveDisplay(output) : new LineDisplay(output)
}

class LiveDisplay implements Display {
  readonly #output: Output
  #tallies: Tallies | undefined
  #busy: string | undefined
  #drawn = 0

  constructor(output: Output) {
    this.#output = output
  }

  update(tallies: Tallies): void {
    this.#tallies = tallies
    this.#draw()
  }

  busy(what: string | undefined): void {
    this.#busy = what
    this.#draw()
  }

  note(line: string): void {
    this.#erase()
    this.#output.write(`${line}\n`)
    this.#draw()
  }

  close(): void {
    this.#busy = undefined
    this.#draw()
    this.#drawn = 0
  }

  #draw(): void {
    if (this.#tallies === undefined) return
    const columns = this.#output.columns || 80
    const lines = Object.entries(this.#tallies).map(([label, tally], index) =>
      line(label, tally, columns, index === 0 ? this.#busy : undefined),
    )
    this.#erase()
    this.#output.write(lines.map((each) => `${each}\n`).join(''))
    this.#drawn = lines.length
  }

  #erase(): void {
    if (this.#drawn > 0) this.#output.write(`\u001B[${this.#drawn}A\u001B[0J`)
    this.#drawn = 0
  }
}

class LineDisplay implements Display {
  readonly #output: Output
  #last = ''
  #lastAt = -Infinity
  #newest: string | undefined

  constructor(output: Output) {
    this.#output = output
  }

  update(tallies: Tallies): void {
    const counts = Object.entries(tallies).map(([label, { finished, total }]) => `${finished} of ${total} ${label}`)
    this.#newest = `  ${counts.join(', ')}`
    if (performance.now() - this.#lastAt >= 1_000) this.#print()
  }

  busy(): void {}

  note(line: string): void {
    this.#output.write(`${line}\n`)
  }

  close(): void {
    this.#print()
  }

  #print(): void {
    if (this.#newest === undefined || this.#newest === this.#last) return
    this.#output.write(`${this.#newest}\n`)
    this.#last = this.#newest
    this.#lastAt = performance.now()
  }
}

/** One line of the live display, never longer than the terminal is wide: a line that wraps could not be erased. */
function line(label: string, tally: Tally, columns: number, busy?: string): string {
  const { total, finished, dead, later } = tally
  const width = Math.min(32, Math.max(0, columns - 30))
  const remarks = [
    ...(dead > 0 ? [`${dead} dead`] : []),
    ...(later > 0 ? [`${later} to be tried again`] : []),
    ...(busy === undefined ? [] : [busy]),
  ]
  const number = `${finished}/${total}`
  const room = Math.max(0, columns - width - number.length - 21)
  return `  ${label.padEnd(15)}${bar(tally, width)} ${number}  ${styleText('dim', remarks.join(', ').slice(0, room))}`
}

function bar({ total, finished, dead }: Tally, width: number): string {
  const part = (count: number): number => (total === 0 ? 0 : Math.round((count / total) * width))
  const bad = dead === 0 ? 0 : Math.max(1, part(dead))
  const good = Math.max(0, part(finished) - bad)
  const rest = Math.max(0, width - good - bad)
  return styleText('green', '█'.repeat(good)) + styleText('red', '█'.repeat(bad)) + styleText('dim', '░'.repeat(rest))
}
