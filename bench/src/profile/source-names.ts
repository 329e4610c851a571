import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Finds out of which source file a place of a built file comes. */
export class SourceNames {
  readonly #maps = new Map<string, SourceMap | undefined>()

  /** `line` and `column` from 0, as in profiles. */
  at(url: string, line: number, column: number): string {
    if (url === '') return ''
    if (!url.startsWith('file:')) return url
    const file = fileURLToPath(url)
    const origin = this.#mapOf(file)?.findEntry(line, column)
    if (origin === undefined || !('originalSource' in origin)) return `${short(file)}:${line + 1}`
    return `${short(resolve(dirname(file), origin.originalSource))}:${origin.originalLine + 1}`
  }

  #mapOf(file: string): SourceMap | undefined {
    if (!this.#maps.has(file)) this.#maps.set(file, readMap(file))
    return this.#maps.get(file)
  }
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as SourceMapPayload)
  } catch {
    return undefined
  }
}

function short(file: string): string {
  return relative(root, file).replace(/^.*node_modules\//, '')
}
