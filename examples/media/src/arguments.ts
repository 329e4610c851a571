import { existsSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export interface Arguments {
  /** Folder of images; `undefined`: the samples. */
  readonly input: string | undefined
  readonly work: string
  readonly concurrency: number
  readonly fresh: boolean
}

/** What is wrong with the arguments, for whoever typed them. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const DEFAULT_WORK = fileURLToPath(new URL('../work', import.meta.url))

export const HELP = `Makes thumbnails of a folder of images, and encodes its videos, with jobport on SQLite.

  npm start -- [options]

  --input DIR      the images and videos; without it, samples are drawn
  --output DIR     where everything goes; default examples/media/work
  --concurrency N  jobs at a time; default: one for each processor, at least 2
  --fresh          do not continue a run that was interrupted
  --help           this text

A run that was stopped or killed is continued by the next start with the same input.`

/**
 * `help` where that was asked for.
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): Arguments | 'help' {
  const { values } = parse(args)
  if (values.help === true) return 'help'
  return {
    input: values.input === undefined ? undefined : existingFolder(values.input),
    work: values.output === undefined ? DEFAULT_WORK : possibleFolder(values.output),
    concurrency: values.concurrency === undefined ? Math.max(2, availableParallelism()) : count(values.concurrency),
    fresh: values.fresh === true,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        input: { type: 'string' },
        output: { type: 'string' },
        concurrency: { type: 'string' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function existingFolder(path: string): string {
  const folder = resolve(path)
  if (!existsSync(folder)) throw new UsageError(`--input: there is no folder ${folder}`)
  if (!statSync(folder).isDirectory()) throw new UsageError(`--input: ${folder} is not a folder`)
  return folder
}

function possibleFolder(path: string): string {
  const folder = resolve(path)
  if (existsSync(folder) && !statSync(folder).isDirectory()) throw new UsageError(`--output: ${folder} is not a folder`)
  return folder
}

function count(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new UsageError(`--concurrency: ${JSON.stringify(text)} is not a number from 1 to 999`)
}
