import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '@jobport/core'
import { Chance } from './chance.ts'
import type { HistoryEvent } from './history/event.ts'
import { HistoryFile, machineTime, readHistory } from './history/history-file.ts'
import { judge, type Judgement } from './judge/judge.ts'
import { incidents } from './plan/incidents.ts'
import { INTERVAL, type Setting } from './plan/setting.ts'
import { Cast } from './server/cast.ts'
import { Incidents } from './server/incidents.ts'
import { onlookerAt } from './server/onlooker.ts'
import { stageOf } from './server/stage.ts'

/** How long none of the jobs that are left may end, when nothing is done to anybody any more. */
const PATIENCE: Ms = 30_000
/** Until the first incident, so that there is something to lose. */
const WARM_UP: Ms = 1_000

export interface Outcome {
  readonly setting: Setting
  readonly history: readonly HistoryEvent[]
  readonly judgement: Judgement
  readonly seconds: number
}

/** Lets it happen, and judges it. */
export async function runChaos(setting: Setting, tell: (line: string) => void = () => {}): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'jobport-chaos-'))
  const stage = await stageOf(setting.backend, folder)
  const origin = machineTime()
  const history = new HistoryFile(folder, 'world', origin)
  const onlooker = await onlookerAt(stage, history)
  const cast = new Cast(setting, { stage, folder, history, origin })
  try {
    await cast.begin()
    await sleep(WARM_UP)
    const chance = new Chance(setting.seed)
    const inflict = new Incidents(stage, cast.all, history, chance)
    let count = 0
    for (const incident of incidents(setting)) {
      await sleep(chance.between(0.4, 1.6) * INTERVAL)
      inflict.begin(incident)
      if (++count % 20 === 0) tell(`${count} of ${setting.kills} incidents, ${await onlooker.describe()}`)
    }
    await inflict.end()
    await onlooker.calm(cast.producers, PATIENCE)
    history.add({ type: 'calm' })
    await Promise.all(cast.all.map((actor) => actor.terminate()))
    await onlooker.takeStock()
  } finally {
    for (const actor of cast.all) await actor.kill()
    await onlooker.close()
    await stage.close()
  }
  const events = readHistory(folder)
  const judgement = judge(setting, events)
  // Of a mutant nobody wants to know more than that it was found out.
  const isOfInterest = setting.keep === true || (judgement.violations.length > 0 && setting.mutant === undefined)
  if (isOfInterest) tell(`What all processes wrote down is in ${folder}`)
  else await rm(folder, { recursive: true })
  return { setting, history: events, judgement, seconds: (machineTime() - origin) / 1_000 }
}
