import type { HandOff, NewJob } from '@jobport/core/adapter'
import { packClaim } from '../codec/token.ts'
import type { Settings } from '../options.ts'
import type { StoreScripts } from '../scripts/scripts.ts'
import { Session } from '../session.ts'
import { pushStored } from '../verbs/storing.ts'
import { insert } from './sending.ts'
import { Whereabouts } from './whereabouts.ts'

interface Letter {
  readonly jobs: readonly NewJob[]
  readonly handOff?: HandOff
}

/** An open store. */
export class StoreSession extends Session<StoreScripts> {
  readonly whereabouts = new Whereabouts()
  #turn = 0

  static async open(settings: Settings, scripts: StoreScripts): Promise<StoreSession> {
    const live = new StoreSession(settings, scripts)
    await live.connect(scripts.insert)
    return live
  }

  /** Queues in another order each time: each is the first as often as any other. */
  inTurn(names: readonly string[]): readonly string[] {
    const start = this.#turn++ % Math.max(1, names.length)
    return [...names.slice(start), ...names.slice(0, start)]
  }

  /** The two are one: see is_of in lua/store/lining.lua. */
  partsOf(token: string): { readonly attempt: string; readonly claim: string } {
    return { attempt: '', claim: packClaim(token) }
  }

  pushBatch(args: (string | number)[], jobs: readonly NewJob[]): void {
    pushStored(args, jobs)
  }

  letterOf(jobs: readonly NewJob[], handOff?: HandOff): string {
    return JSON.stringify({ jobs, handOff } satisfies { [K in keyof Letter]: unknown })
  }

  deliver(letters: readonly string[]): Promise<unknown> {
    return Promise.all(
      letters.map((text) => {
        const { jobs, handOff } = JSON.parse(text) as Letter
        return insert(this, jobs, handOff)
      }),
    )
  }
}
