import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '@jobport/core'
import type { FaultProxy } from '@jobport/fault-proxy'
import type { Chance } from '../chance.ts'
import type { HistoryFile } from '../history/history-file.ts'
import type { Incident } from '../plan/incidents.ts'
import { LEASE } from '../plan/setting.ts'
import type { Part } from '../play/part.ts'
import type { Actor } from './actor.ts'
import type { Stage } from './stage.ts'

/** After the end of a connection, until those on both sides have heard of it, also on a busy machine. */
const HEARD: Ms = 200

/** Does to processes, server and network what a run has in store for them. Several incidents may be on at the same time. */
export class Incidents {
  readonly #stage: Stage
  readonly #actors: readonly Actor[]
  readonly #history: HistoryFile
  readonly #chance: Chance
  readonly #going: Promise<void>[] = []
  #serverIsBusy = false

  constructor(stage: Stage, actors: readonly Actor[], history: HistoryFile, chance: Chance) {
    this.#stage = stage
    this.#actors = actors
    this.#history = history
    this.#chance = chance
  }

  begin(incident: Incident): void {
    this.#going.push(this.#happen(incident))
  }

  /** Resolves when everybody is up again. */
  async end(): Promise<void> {
    await Promise.all(this.#going)
    for (const actor of this.#actors) actor.spawn()
  }

  async #happen(incident: Incident): Promise<void> {
    switch (incident) {
      case 'kill worker':
      case 'kill producer':
      case 'kill notifier':
        return this.#kill(await this.#some(incident))
      case 'stop worker':
      case 'stop producer':
        return this.#stop(await this.#some(incident))
      case 'terminate worker':
        return this.#terminate(await this.#some(incident))
      case 'kill everyone':
        return void (await Promise.all(this.#actors.map((actor) => this.#kill(actor))))
      case 'restart server':
      case 'lose replies':
      case 'black hole':
        if (this.#serverIsBusy) return this.#kill(await this.#some('kill worker'))
        this.#serverIsBusy = true
        return this.#trouble(incident).finally(() => (this.#serverIsBusy = false))
    }
  }

  /** One that is at work, of the role; a worker where there is nothing left for that role to do. */
  async #some(incident: Incident): Promise<Actor> {
    const role = incident.split(' ')[1] as Part['role']
    const candidates = this.#actors.filter((actor) => actor.role === role && !actor.isDone)
    for (;;) {
      const actor = this.#chance.pick(candidates.filter(({ isReady }) => isReady))
      if (actor !== undefined) return actor
      if (candidates.every(({ isDone }) => isDone)) return this.#some('kill worker')
      await sleep(20)
    }
  }

  async #kill(actor: Actor): Promise<void> {
    await actor.kill()
    await sleep(this.#chance.between(0, 400))
    actor.spawn()
  }

  async #terminate(actor: Actor): Promise<void> {
    await actor.terminate()
    actor.spawn()
  }

  async #stop(actor: Actor): Promise<void> {
    actor.stop()
    await sleep(this.#chance.between(1.1, 1.7) * LEASE)
    actor.continue()
  }

  async #trouble(what: 'restart server' | 'lose replies' | 'black hole'): Promise<void> {
    const servers = this.#stage.servers.filter(({ restart }) => what !== 'restart server' || restart !== undefined)
    const { restart, proxy } = this.#chance.pick(servers)!
    this.#history.add({ type: 'trouble', what })
    if (what === 'restart server') {
      await restart!.kill()
      await sleep(this.#chance.between(0, 1_000))
      await restart!.start()
    } else if (what === 'lose replies') {
      await proxy.inject({ kind: 'lose-reply', share: 0.3 })
      await sleep(this.#chance.between(300, 1_000))
      await proxy.heal()
      // Otherwise replies that come later would be lost as well, and their connections with them.
      await endAll(proxy)
    } else {
      await proxy.inject({ kind: 'black-hole' })
      await sleep(this.#chance.between(300, 1_000))
      await proxy.heal()
      // Otherwise the clients would find out by their time-outs alone, each in its own time.
      await sleep(this.#chance.between(0, 3_000))
      await endAll(proxy)
    }
    this.#history.add({ type: 'relief', what })
  }
}

/** Ends all connections. What they bring about is over when both ends have heard of it. */
async function endAll(proxy: FaultProxy): Promise<void> {
  proxy.cut()
  await sleep(HEARD)
}
