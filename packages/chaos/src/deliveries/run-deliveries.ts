import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createQueue, type JobRecord, type Ms } from '@jobport/core'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import { Chance } from '../chance.ts'
import { connect, type FullBackend } from '../server/endpoint.ts'
import { stageOf } from '../server/stage.ts'
import { announced, fateOf, type DeliveriesSetting, type Role } from './plan.ts'
import { Receiver, type Taken } from './receiver.ts'
import { Player } from './player.ts'

export interface DeliveriesOutcome {
  readonly setting: DeliveriesSetting
  /** What is wrong. Empty when every outcome was told, and nothing else. */
  readonly problems: readonly string[]
  /** Ids after the receiver has dropped the repeats. */
  readonly told: number
  readonly requests: number
  readonly failed: number
  /** Ids that came more than once. */
  readonly repeated: number
  readonly kills: number
  /** Settlements that were lost: another attempt had taken over. */
  readonly lost: number
  readonly seconds: number
}

/** How long nothing may change before it is held to be over. */
const PATIENCE: Ms = 30_000
const WORKERS = 2

/** Lets outcomes happen while the sender of their notifications is killed and the receiver fails, and judges what arrived. */
export async function runDeliveries(setting: DeliveriesSetting): Promise<DeliveriesOutcome> {
  const began = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'jobport-deliveries-'))
  const stage = await stageOf(setting.backend, folder)
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const receiver = new Receiver(secret, new Chance(setting.seed))
  const backend = await connect(stage.direct)
  const players: Player[] = []
  let lost = 0
  try {
    const url = await receiver.listen()
    const play = (role: Role['role']): Player => {
      const told = { role, endpoint: stage.direct, url, secret, ...(setting.mutant && { mutant: setting.mutant }) }
      const player = new Player(told, join(folder, 'cache'), ({ type }) => {
        if (type === 'lost') lost++
      })
      players.push(player)
      return player
    }
    const ids = await enqueue(backend, setting.outcomes)
    const sender = play('sender')
    receiver.onTaken = () => {
      if (
        sender.kills < setting.kills &&
        receiver.taken.size >= ((sender.kills + 1) * setting.outcomes) / (setting.kills + 2)
      ) {
        sender.kill()
      }
    }
    for (const player of [...Array.from({ length: WORKERS }, () => play('worker')), sender]) player.start()
    await untilOver(backend, receiver)
    const records = await recordsOf(backend, ids)
    const taken = [...receiver.taken.values()]
    return {
      setting,
      problems: problemsOf(ids, records, taken, receiver, sender.kills, setting),
      told: taken.length,
      requests: receiver.requests,
      failed: receiver.failed,
      repeated: taken.filter(({ times }) => times > 1).length,
      kills: sender.kills,
      lost,
      seconds: (performance.now() - began) / 1_000,
    }
  } finally {
    await Promise.all(players.map((player) => player.stop()))
    receiver.close()
    await backend.close()
    await stage.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function enqueue(backend: FullBackend, outcomes: number): Promise<readonly string[]> {
  const queue = createQueue(backend)
  const jobs = Array.from({ length: outcomes }, (_, index) => ({
    input: { fate: fateOf(index, outcomes) },
    options: { id: `job-${index}` },
  }))
  await queue.enqueueMany(announced, jobs)
  await queue.close()
  return jobs.map(({ options }) => options.id)
}

/** Until every job is finished and every notification is delivered or given up, or nothing happens any more. */
async function untilOver(backend: FullBackend, receiver: Receiver): Promise<void> {
  let seen = ''
  let since = performance.now()
  for (;;) {
    const counts = await Promise.all(
      [announced.queue, NOTIFICATION_QUEUE].map((queue) => backend.inspect.counts(queue)),
    )
    const open = counts.reduce((sum, { waiting, scheduled, active }) => sum + waiting + scheduled + active, 0)
    if (open === 0) return
    const now = `${open} ${receiver.taken.size}`
    if (now !== seen) since = performance.now()
    seen = now
    if (performance.now() - since > PATIENCE) return
    await sleep(200)
  }
}

async function recordsOf(backend: FullBackend, ids: readonly string[]): Promise<readonly (JobRecord | undefined)[]> {
  const records: (JobRecord | undefined)[] = []
  for (let from = 0; from < ids.length; from += 100)
    records.push(...(await backend.inspect.find(ids.slice(from, from + 100))))
  return records
}

function problemsOf(
  ids: readonly string[],
  records: readonly (JobRecord | undefined)[],
  taken: readonly Taken[],
  { forged }: Receiver,
  kills: number,
  setting: DeliveriesSetting,
): readonly string[] {
  const byJob = Map.groupBy(taken, ({ job }) => job)
  const problems = ids.flatMap((id, index) => {
    const record = records[index]
    if (record?.finishedAt === undefined) return [`${id} is not finished`]
    const told = byJob.get(id) ?? []
    if (told.length === 0) return [`${id} is ${record.state} and nobody was told`]
    return told
      .filter(({ type, attempt }) => type !== `job.${record.state}` || attempt !== record.attempt)
      .map(
        ({ type, attempt }) =>
          `${id} is ${record.state} by attempt ${record.attempt}; ${type} of attempt ${attempt} was told`,
      )
  })
  return [
    ...problems,
    ...(taken.length === setting.outcomes ? [] : [`${taken.length} ids were told, not ${setting.outcomes}`]),
    ...(forged.length === 0 ? [] : [`${forged.length} signatures were not right`]),
    ...(kills === setting.kills ? [] : [`the sender was killed ${kills} times, not ${setting.kills}`]),
  ]
}
