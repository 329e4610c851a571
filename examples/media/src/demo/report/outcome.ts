import { readFile } from 'node:fs/promises'
import type { Inspector, JobRecord } from '@jobport/core'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import type { FileLine } from '@jobport/notifier'
import sharp from 'sharp'
import { encode, posterId, thumbnail } from '../jobs.ts'
import type { Item } from '../run/items.ts'
import type { Run } from '../run/run-folder.ts'
import type { Tile } from './contact-sheet.ts'

/** What became of a run. */
export interface Outcome {
  readonly jobs: number
  readonly completed: number
  /** Names of the files whose jobs are dead. */
  readonly dead: readonly string[]
  readonly retries: number
  /** Attempts that ended with their process. */
  readonly crashes: number
  readonly told: { readonly users: number; readonly userCount: number; readonly admins: number }
  readonly tiles: readonly Tile[]
  /** Everything that is not as it should be. */
  readonly problems: readonly string[]
}

/** Reads the records of all jobs and the outboxes, and holds them against each other. `mustDie`: files that are known to be damaged. */
export async function judge(
  inspect: Inspector,
  items: readonly Item[],
  run: Run,
  mustDie: readonly string[],
): Promise<Outcome> {
  const all = await jobsOf(inspect, items)
  const problems: string[] = []
  for (const job of all) problems.push(...(await judgeJob(job, mustDie)))
  const [users, admins] = [await readOutbox(run.outbox.users), await readOutbox(run.outbox.admins)]
  for (const { id, name, record } of all) {
    const isDead = record?.state === 'dead'
    problems.push(...judgeMessages(`the user of ${name}`, users.get(id), 1))
    problems.push(...judgeMessages(`the administrators about ${name}`, admins.get(id), isDead ? 1 : 0))
  }
  const { dead: undelivered } = await inspect.counts(NOTIFICATION_QUEUE)
  if (undelivered > 0) problems.push(`${undelivered} notifications could not be delivered`)
  const records = all.flatMap(({ record }) => record ?? [])
  const dead = all.filter(({ record }) => record?.state === 'dead')
  return {
    jobs: all.length,
    completed: records.filter(({ state }) => state === 'completed').length,
    dead: dead.map(({ name }) => name),
    // The failure that made a job dead is not among them: nothing was to follow it.
    retries: records.reduce((total, { failures }) => total + failures, 0),
    crashes: records.reduce((total, { crashes }) => total + crashes, 0),
    told: {
      users: total(users),
      userCount: new Set([...users.values()].flat().map(({ to }) => to.user)).size,
      admins: total(admins),
    },
    tiles: all.flatMap(({ record, kind }) => tileOf(record, kind) ?? []),
    problems,
  }
}

interface Job {
  readonly id: string
  readonly name: string
  readonly kind: Item['kind']
  readonly source: string
  readonly record: JobRecord | undefined
}

/** Every job that the items stand for: those handed in, and for each encoded video the one that follows. */
async function jobsOf(inspect: Inspector, items: readonly Item[]): Promise<readonly Job[]> {
  const jobs: Job[] = []
  for (let at = 0; at < items.length; at += 500) {
    const page = items.slice(at, at + 500)
    const records = await inspect.find(page.map(({ id }) => id))
    const encoded = page.filter(
      (_, index) => records[index]?.name === encode.name && records[index].state === 'completed',
    )
    const posters = await inspect.find(encoded.map(({ id }) => posterId(id)))
    jobs.push(...page.map(({ id, name, kind, source }, index) => ({ id, name, kind, source, record: records[index] })))
    jobs.push(
      ...encoded.map(({ id, name, kind, source }, index) => ({
        id: posterId(id),
        name: `the poster frame of ${name}`,
        kind,
        source,
        record: posters[index],
      })),
    )
  }
  return jobs
}

async function judgeJob({ name, kind, source, record }: Job, mustDie: readonly string[]): Promise<readonly string[]> {
  if (record === undefined) return [`there is no record of ${name}`]
  if (record.state === 'completed')
    return mustDie.includes(name) ? [`${name} is damaged and was completed all the same`] : []
  if (record.state !== 'dead') return [`${name} is ${record.state}`]
  const reason =
    (JSON.parse(record.errors.at(-1) ?? '{}') as { readonly message?: string }).message?.trim() ?? 'for no reason'
  if (kind === 'video' || !(await isDamaged(source))) return [`${name} is dead: ${reason}`]
  const { retries } = thumbnail.policy
  return record.failures === retries ? [] : [`${name} is dead after ${record.failures} retries, not ${retries}`]
}

async function isDamaged(image: string): Promise<boolean> {
  try {
    await sharp(image, { failOn: 'warning' }).stats()
    return false
  } catch {
    return true
  }
}

function judgeMessages(whom: string, lines: readonly FileLine[] = [], expected: number): readonly string[] {
  const ids = new Set(lines.map(({ id }) => id))
  if (ids.size < lines.length) return [`${whom}: told the same thing twice`]
  return ids.size === expected ? [] : [`${whom}: told ${ids.size} times, not ${expected}`]
}

/** The lines of an outbox by the job that they are about. */
async function readOutbox(file: string): Promise<ReadonlyMap<string, readonly FileLine[]>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as FileLine]))
  return Map.groupBy(lines, ({ job }) => job.id)
}

function total(outbox: ReadonlyMap<string, readonly FileLine[]>): number {
  return [...outbox.values()].reduce((sum, lines) => sum + lines.length, 0)
}

function tileOf(record: JobRecord | undefined, kind: Item['kind']): Tile | undefined {
  if (record?.state === 'dead') return { kind: 'none' }
  if (record?.state !== 'completed' || record.name === encode.name || record.result === undefined) return undefined
  return { kind, file: (JSON.parse(record.result) as { readonly file: string }).file }
}
