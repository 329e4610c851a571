import { writeSync } from 'node:fs'

/** Tells the parent, in one write: what was said when the process is killed has arrived whole. */
export function say(word: string, value: unknown): void {
  writeSync(1, `${word} ${JSON.stringify(value)}\n`)
}
