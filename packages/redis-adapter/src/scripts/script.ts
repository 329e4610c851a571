import { createHash } from 'node:crypto'

/** A script as the server keeps it: by the hash of its text. */
export interface Script {
  readonly name: string
  readonly text: string
  readonly sha: string
}

/** Puts a script together from the parts that it uses and the one that is run. */
export function script(name: string, ...parts: readonly string[]): Script {
  const text = parts.join('\n')
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}
