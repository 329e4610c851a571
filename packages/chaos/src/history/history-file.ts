import { existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Ms } from '@jobport/core'
import type { HistoryEvent, ProcessEvent, WorldEvent } from './event.ts'

/** Milliseconds by the machine's monotonic clock, which is one for all its processes. */
export function machineTime(): Ms {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Where a process writes down what it does. A line is in the file when `add` returns, whatever becomes of the process. */
export class HistoryFile {
  readonly #file: number
  readonly #origin: Ms

  constructor(folder: string, name: string, origin: Ms) {
    this.#file = openSync(join(folder, `${name}.jsonl`), 'a')
    this.#origin = origin
  }

  now(): Ms {
    return Math.round((machineTime() - this.#origin) * 1_000) / 1_000
  }

  /** Answers when that was. */
  add(event: ProcessEvent | WorldEvent): Ms {
    const at = this.now()
    writeSync(this.#file, `${JSON.stringify({ at, ...event })}\n`)
    return at
  }
}

/** Everything that all processes wrote down, in the order in which it happened. */
export function readHistory(folder: string): readonly HistoryEvent[] {
  const events = readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => readLines(join(folder, file), basename(file, '.jsonl')))
  return events.toSorted((a, b) => a.at - b.at)
}

/** The jobs that these processes have had accepted. */
export function acceptedBy(folder: string, processes: readonly string[]): readonly string[] {
  return processes
    .filter((name) => existsSync(join(folder, `${name}.jsonl`)))
    .flatMap((name) => readLines(join(folder, `${name}.jsonl`), name))
    .flatMap((event) => (event.type === 'accepted' ? [event.id] : []))
}

function readLines(file: string, by: string): readonly HistoryEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  // Whoever is killed while it writes leaves a line without an end.
  return lines.slice(0, -1).map((line) => ({ by, ...(JSON.parse(line) as Omit<HistoryEvent, 'by'>) }) as HistoryEvent)
}
