import type { Ms } from '@jobport/core'
import type { HistoryFile } from '../history/history-file.ts'
import { GROUPED } from '../plan/setting.ts'
import type { Actor } from './actor.ts'
import { BrokerOnlooker } from './broker-onlooker.ts'
import { RecordsOnlooker } from './records-onlooker.ts'
import type { Stage } from './stage.ts'

/** Looks at the queues from outside. */
export interface Onlooker {
  describe(): Promise<string>
  /** Resolves when the producers are done and no job is open, or when for so long no job has ended. */
  calm(producers: readonly Actor[], patience: Ms): Promise<void>
  /** Writes down what there is in the end. */
  takeStock(): Promise<void>
  close(): Promise<void>
}

export async function onlookerAt({ direct, servers }: Stage, history: HistoryFile): Promise<Onlooker> {
  return direct.backend === GROUPED
    ? new BrokerOnlooker({ url: direct.url, env: servers[0]!.restart!.env }, history)
    : RecordsOnlooker.open(direct, history)
}
