import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileLine } from '@jobport/notifier'
import { onTestFinished } from 'vitest'
import type { HistoryLine } from '../src/demo/run/history.ts'

const START = fileURLToPath(new URL('../src/start.ts', import.meta.url))
const FROM_SOURCE = new URL('../../../scripts/workspace/from-source.mjs', import.meta.url).href

/** The program in a process of its own. */
export interface Program {
  readonly process: ChildProcess
  /** What it has printed so far. */
  readonly output: () => string
  /** Resolves when it has printed this. */
  readonly printed: (text: string) => Promise<void>
  /** Resolves when it has ended with this exit code, or by this signal; rejects when it has ended in another way. */
  readonly endsWith: (expected: number | NodeJS.Signals) => Promise<void>
  readonly hasEnded: () => boolean
}

export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return startFile(START, args, env)
}

/** Runs a file of the sources. */
export function startFile(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, ['--import', FROM_SOURCE, file, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? signal!))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve()
      }
      child.stdout.on('data', look)
      look()
      void ended.then((how) =>
        reject(new Error(`it ended with ${how} and never printed ${JSON.stringify(text)}:\n${output}`)),
      )
    })
  const endsWith = async (expected: number | NodeJS.Signals): Promise<void> => {
    const how = await ended
    if (how !== expected) throw new Error(`it ended with ${how}:\n${output}`)
  }
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  return { process: child, output: () => output, printed, endsWith, hasEnded }
}

/** A temporary folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobport-media-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A work folder whose samples are drawn already. */
export async function workFolder(samples: string): Promise<string> {
  const work = join(temporaryFolder(), 'work')
  await mkdir(work)
  await symlink(samples, join(work, 'samples'))
  return work
}

export async function runsIn(work: string): Promise<readonly string[]> {
  const names: readonly string[] = await readdir(join(work, 'runs')).catch(() => [])
  return names.toSorted().map((name) => join(work, 'runs', name))
}

export function readOutbox(run: string, whose: 'users' | 'admins'): Promise<readonly FileLine[]> {
  return readLines<FileLine>(join(run, 'outbox', `${whose}.jsonl`))
}

export function readHistory(run: string): Promise<readonly HistoryLine[]> {
  return readLines<HistoryLine>(join(run, 'history.jsonl'))
}

async function readLines<Line>(file: string): Promise<readonly Line[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  // What follows the last line end is still being written.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}
