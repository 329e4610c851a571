import { randomUUID } from 'node:crypto'
import type { Display } from '../terminal/display.ts'
import type { Client } from './client.ts'
import { Outcomes } from './outcomes.ts'

export interface Load {
  /** The file of each item. */
  readonly files: readonly string[]
  /** Uploads at a time. */
  readonly concurrency: number
  readonly timeoutSeconds: number
}

export interface Pushed {
  readonly completed: number
  readonly dead: number
  /** Neither, within the time. */
  readonly missing: number
  /** From the first upload to the last outcome. */
  readonly seconds: number
  /** From the first upload to the last. */
  readonly uploadSeconds: number
}

/** Hands files in and waits for what becomes of them. */
export async function push(
  client: Client,
  { files, concurrency, timeoutSeconds }: Load,
  display: Display,
): Promise<Pushed> {
  const outcomes = new Outcomes(files.length)
  const askForTheRest = async (): Promise<void> => {
    for (const id of outcomes.open) {
      const { state, finished } = await client.item(id)
      if (finished !== undefined) outcomes.finished(id, state)
    }
  }
  const stop = await client.watch(
    (id, state) => outcomes.finished(id, state),
    () => void askForTheRest().catch((error: Error) => display.note(error.message)),
  )
  const timer = setInterval(() => display.update(outcomes.tallies()), 250)
  const started = performance.now()
  const since = (): number => (performance.now() - started) / 1_000
  try {
    await uploadAll(client, files, concurrency, (id) => outcomes.handedIn(id))
    const uploadSeconds = since()
    while (outcomes.open.length > 0 && since() < timeoutSeconds) await outcomes.change()
    const seconds = since()
    if (outcomes.open.length > 0) await askForTheRest()
    display.update(outcomes.tallies())
    const [completed, dead] = [outcomes.count('completed'), outcomes.count('dead')]
    return { completed, dead, missing: files.length - completed - dead, seconds, uploadSeconds }
  } finally {
    clearInterval(timer)
    stop()
  }
}

async function uploadAll(
  client: Client,
  files: readonly string[],
  concurrency: number,
  handedIn: (id: string) => void,
): Promise<void> {
  const run = randomUUID()
  const rest = files.entries()
  const upload = async (): Promise<void> => {
    for (const [index, file] of rest) handedIn(await client.upload(file, `${run}-${index}`))
  }
  await Promise.all(Array.from({ length: concurrency }, upload))
}
