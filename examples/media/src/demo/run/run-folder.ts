import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publish, removeDrafts, temporary } from '../../media/publish.ts'

/** Finished runs that stay. */
const KEPT = 5
/** As long as the jobs' own `keep`: an older run no longer knows what is done. */
const TOO_OLD = 30 * 24 * 3_600_000

/** Everything that one run makes lies in one folder. */
export interface Run {
  readonly folder: string
  /** Whether an earlier start had begun it. */
  readonly continued: boolean
  /** The jobs. */
  readonly database: string
  readonly thumbnails: string
  readonly videos: string
  readonly outbox: { readonly users: string; readonly admins: string }
  /** A line for each thing that happened to a job. */
  readonly history: string
  readonly sheet: string
}

interface Note {
  readonly input: string
  /** ISO 8601. */
  readonly begun: string
}

/** The unfinished run for this input, or a new one. `fresh` drops what is unfinished. */
export async function openRun(work: string, input: string, fresh: boolean): Promise<Run> {
  const runs = join(work, 'runs')
  await mkdir(runs, { recursive: true })
  const names = (await readdir(runs)).toSorted().toReversed()
  const unfinished = []
  for (const name of names)
    if (!isFinished(join(runs, name)) && (await isFor(join(runs, name), input))) unfinished.push(name)
  if (fresh) await remove(runs, unfinished)
  else if (unfinished[0] !== undefined) return prepare(join(runs, unfinished[0]), true)
  await remove(runs, names.filter((name) => isFinished(join(runs, name))).slice(KEPT - 1))

  const begun = new Date().toISOString()
  const folder = join(
    runs,
    `${begun
      .slice(0, 19)
      .replaceAll(/\D/g, '')
      .replace(/^\d{8}/, '$&-')}-${randomUUID().slice(0, 4)}`,
  )
  await mkdir(folder)
  await write(join(folder, 'run.json'), { input, begun } satisfies Note)
  return prepare(folder, false)
}

/** From now on the run is over, and the next start begins a new one. */
export async function finishRun({ folder, thumbnails, videos }: Run, summary: object): Promise<void> {
  for (const each of [folder, thumbnails, videos]) await removeDrafts(each, 0)
  await write(join(folder, 'summary.json'), summary)
}

function isFinished(folder: string): boolean {
  return existsSync(join(folder, 'summary.json'))
}

async function isFor(folder: string, input: string): Promise<boolean> {
  try {
    const note = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as Note
    return note.input === input && Date.now() - Date.parse(note.begun) < TOO_OLD
  } catch {
    return false
  }
}

async function prepare(folder: string, continued: boolean): Promise<Run> {
  const run: Run = {
    folder,
    continued,
    database: join(folder, 'jobs.sqlite'),
    thumbnails: join(folder, 'thumbnails'),
    videos: join(folder, 'videos'),
    outbox: { users: join(folder, 'outbox', 'users.jsonl'), admins: join(folder, 'outbox', 'admins.jsonl') },
    history: join(folder, 'history.jsonl'),
    sheet: join(folder, 'contact-sheet.png'),
  }
  for (const each of [run.thumbnails, run.videos]) await mkdir(each, { recursive: true })
  return run
}

async function write(file: string, value: object): Promise<void> {
  const draft = temporary(file)
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`)
  await publish(draft, file)
}

async function remove(runs: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(runs, name), { recursive: true, force: true })
}
