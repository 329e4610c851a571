import { createHash } from 'node:crypto'

/** A script as the server keeps it: by the hash of its text. */
export interface Script {
  readonly name: string
  readonly text: string
  readonly sha: string
  /** What it calls. A user must have the right to all of it. */
  readonly commands: readonly string[]
}

const CALL = /\b(?:redis\.call|call_with)\('([A-Z]+)'/g

/** Puts a script together from the parts that it uses and the one that is run. */
export function script(name: string, ...parts: readonly string[]): Script {
  const text = parts.join('\n')
  const commands = new Set(Array.from(text.matchAll(CALL), ([, command]) => command!))
  return { name, text, sha: createHash('sha1').update(text).digest('hex'), commands: [...commands] }
}
