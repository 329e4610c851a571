import { memoryBackend, type Ms, type Worker } from '@jobport/core'
import type { Backend, Stateful } from '@jobport/core/adapter'
import { VirtualClock } from '@jobport/core/testing'
import { Chance } from './chance.ts'
import type { HistoryEvent } from './history/event.ts'
import { History } from './history/history.ts'
import type { Mutant, Surroundings } from './mutants/mutant.ts'
import type { Cast } from './play/cast.ts'
import { Producer } from './play/producer.ts'
import { playWorker } from './play/worker.ts'
import { QUEUES, type Incident, type JobPlan, type Scenario, type WorkerPlan } from './scenario/scenario.ts'
import { Network } from './world/network.ts'
import { Process, type ClockErrors } from './world/process.ts'
import { Server } from './world/server.ts'
import { unfenced } from './world/unfenced.ts'

/** After the trouble everything has to be over so soon. */
const PATIENCE: Ms = 300_000
/** How often the world looks whether it is. */
const LOOK: Ms = 250

/** Lets a scenario happen and tells all that did. The same scenario gives the same history, to the last byte. */
export async function simulate(scenario: Scenario, mutant?: Mutant): Promise<readonly HistoryEvent[]> {
  const stage = new Stage(scenario, mutant)
  const onUnhandled = (error: unknown): void => stage.history.add({ type: 'unhandled', message: String(error) })
  const { stackTraceLimit } = Error
  // Stacks are half of what errors cost here, and nobody reads them.
  Error.stackTraceLimit = 0
  process.on('unhandledRejection', onUnhandled)
  try {
    await stage.play()
  } finally {
    process.off('unhandledRejection', onUnhandled)
    Error.stackTraceLimit = stackTraceLimit
  }
  return stage.history.events
}

interface WorkerPlace {
  readonly plan: WorkerPlan
  generation: number
  process: Process
  worker: Worker
}

interface ProducerPlace {
  readonly clock: ClockErrors
  generation: number
  process: Process
  producer: Producer
}

class Stage {
  readonly history: History
  readonly #scenario: Scenario
  readonly #mutant: Mutant | undefined
  readonly #world = new VirtualClock()
  readonly #chance: Chance
  readonly #server: Server
  readonly #network: Network
  readonly #plans: ReadonlyMap<string, JobPlan>
  readonly #workers: WorkerPlace[]
  readonly #producers: ProducerPlace[]
  readonly #closing = new Set<Promise<void>>()
  readonly #processes = new Map<string, Process>()
  #caller = ''
  #minted = 0
  #expected = 0

  constructor(scenario: Scenario, mutant: Mutant | undefined) {
    this.#scenario = scenario
    this.#mutant = mutant
    this.#chance = new Chance(scenario.seed ^ 0x5eed)
    this.history = new History(this.#world)
    this.#server = new Server(this.#backend(), this.history, (by) => (this.#caller = by))
    this.#network = new Network(
      this.#world,
      this.#server,
      this.history,
      scenario.weather,
      scenario.exchanges && this.#server.backend.exchange !== undefined,
    )
    this.#plans = new Map(scenario.jobs.map((plan) => [plan.key, plan]))
    this.#workers = scenario.workers.map((plan, place) => ({
      plan,
      generation: 0,
      ...this.#startWorker(plan, place, 1),
    }))
    this.#producers = scenario.producers.map(({ clock }, place) => ({
      clock,
      generation: 0,
      ...this.#startProducer(clock, place, 1),
    }))
  }

  async play(): Promise<void> {
    const { jobs, incidents, trouble } = this.#scenario
    const world = this.#world
    await this.#server.backend.open()
    for (const plan of jobs) {
      this.#expected++
      world.schedule(plan.at, () => {
        this.#expected--
        this.#producers[plan.producer]!.producer.play(plan)
      })
    }
    for (const incident of incidents) world.schedule(incident.at, () => this.#happen(incident))
    await world.advance(trouble)
    this.#calm()
    for (let waited = 0; ; waited += LOOK) {
      const unfinished = await this.#unfinished()
      if (unfinished === 0) break
      if (waited >= PATIENCE) {
        this.history.add({ type: 'restless', unfinished })
        break
      }
      await world.advance(LOOK)
    }
    await this.#close()
  }

  #backend(): Backend & Stateful {
    const surroundings: Surroundings = {
      clock: this.#world,
      caller: () => this.#caller,
      isAlive: (process) => this.#processes.get(process)?.alive ?? true,
      skewOf: (process) => this.#processes.get(process)?.skew ?? 0,
    }
    const clock = this.#mutant?.clock?.(surroundings) ?? this.#world
    const memory = memoryBackend({ clock }) as unknown as Backend & Stateful
    const backend = this.#scenario.fenced ? memory : unfenced(memory)
    return this.#mutant?.server?.(backend, surroundings) ?? backend
  }

  #happen(incident: Incident): void {
    switch (incident.does) {
      case 'pause-queue':
        void this.#server.pause('operator', incident.queue)
        this.#world.schedule(incident.length, () => void this.#server.resume('operator', incident.queue))
        return
      case 'crash':
        this.#crash(this.#at(incident).process, 'killed', incident.downFor)
        return
      case 'stop': {
        const { process } = this.#at(incident)
        if (!process.alive || process.stopped) return
        this.history.add({ type: 'stop', by: process.name })
        process.stop()
        this.#world.schedule(incident.length, () => this.#continue(process, incident.timersFirst))
        return
      }
      case 'cut': {
        const { process } = this.#at(incident)
        const { what } = incident
        if (!process.alive || process.cut !== undefined) return
        this.history.add({ type: 'cut', by: process.name, what })
        process.cut = what
        this.#world.schedule(incident.length, () => this.#heal(process))
        return
      }
      case 'replace':
        this.#replace(this.#workers[incident.place]!, incident.place, incident.grace, incident.downFor)
        return
      case 'pause': {
        const { worker, process } = this.#workers[incident.place]!
        process.enter(() => worker.pause())
        this.#world.schedule(incident.length, () => process.enter(() => worker.resume()))
        return
      }
      case 'concurrency': {
        const { worker, process } = this.#workers[incident.place]!
        process.enter(() => {
          this.history.add({ type: 'concurrency', by: process.name, to: incident.to })
          worker.concurrency = incident.to
        })
      }
    }
  }

  #at({ of, place }: { readonly of: 'worker' | 'producer'; readonly place: number }): { readonly process: Process } {
    return of === 'worker' ? this.#workers[place]! : this.#producers[place]!
  }

  #continue(process: Process, timersFirst: boolean): void {
    if (!process.stopped || !process.alive) return
    this.history.add({ type: 'continue', by: process.name })
    process.continue(timersFirst)
  }

  #heal(process: Process): void {
    if (process.cut === undefined) return
    this.history.add({ type: 'heal', by: process.name, what: process.cut })
    process.cut = undefined
  }

  /** A process dies, and after a while another takes its place. */
  #crash(process: Process, cause: string, downFor: Ms): void {
    if (!process.alive) return
    this.history.add({ type: 'crash', by: process.name, cause })
    process.end()
    const worker = this.#workers.findIndex((place) => place.process === process)
    const producer = this.#producers.findIndex((place) => place.process === process)
    this.#world.schedule(downFor, () => {
      if (worker >= 0) this.#restartWorker(worker)
      if (producer >= 0) this.#restartProducer(producer)
    })
  }

  /** A deploy: the old process closes and ends, while another takes its place. */
  #replace(place: WorkerPlace, index: number, grace: Ms, downFor: Ms): void {
    const { process, worker } = place
    if (!process.alive || process.stopped) return
    this.#letGo(process, worker, grace)
    this.#world.schedule(downFor, () => {
      if (place.process === process) this.#restartWorker(index)
    })
  }

  #letGo(process: Process, worker: Worker, grace: Ms): void {
    this.history.add({ type: 'closing', by: process.name, patience: grace })
    const close = async (): Promise<void> => {
      // It rejects when there is something that it could not store.
      await worker.close({ grace }).catch(() => {})
      if (!process.alive) return
      this.history.add({ type: 'closed', by: process.name, timers: process.timers })
      process.end()
    }
    const over = Promise.race([close(), new Promise<void>((resolve) => process.onEnd(resolve))])
    this.#closing.add(over)
    void over.then(() => this.#closing.delete(over))
  }

  #restartWorker(index: number): void {
    const place = this.#workers[index]!
    place.generation++
    Object.assign(place, this.#startWorker(place.plan, index, place.generation + 1))
  }

  #restartProducer(index: number): void {
    const place = this.#producers[index]!
    place.generation++
    Object.assign(place, this.#startProducer(place.clock, index, place.generation + 1))
  }

  #startWorker(plan: WorkerPlan, place: number, generation: number): Pick<WorkerPlace, 'process' | 'worker'> {
    const process = new Process(`${plan.role === 'worker' ? 'w' : 'n'}${place}.${generation}`, this.#world, plan.clock)
    const worker = playWorker(this.#cast(process), plan, this.#connect(process))
    return { process, worker }
  }

  #startProducer(clock: ClockErrors, place: number, generation: number): Pick<ProducerPlace, 'process' | 'producer'> {
    const process = new Process(`p${place}.${generation}`, this.#world, clock)
    return { process, producer: new Producer(this.#cast(process), this.#connect(process)) }
  }

  #connect(process: Process): Backend {
    this.#processes.set(process.name, process)
    const backend = this.#network.connect(process, this.#chance.fork())
    return this.#mutant?.client?.(backend, process, this.#scenario) ?? backend
  }

  #cast(process: Process): Cast {
    return {
      scenario: this.#scenario,
      process,
      history: this.history,
      chance: this.#chance.fork(),
      plans: this.#plans,
      newId: () => `m${++this.#minted}`,
      crash: (cause) => this.#crash(process, cause, 300),
    }
  }

  /** From now on nothing goes wrong but what the jobs themselves do. */
  #calm(): void {
    this.history.add({ type: 'calm' })
    this.#network.calm = true
    for (const { process } of [...this.#workers, ...this.#producers]) {
      this.#heal(process)
      this.#continue(process, true)
    }
    for (const { worker, process } of this.#workers) process.enter(() => worker.resume())
    for (const queue of QUEUES) void this.#server.resume('operator', queue)
  }

  async #unfinished(): Promise<number> {
    const { inspect } = this.#server.backend
    let unfinished = this.#expected
    for (const { process, producer } of this.#producers) if (process.alive) unfinished += producer.busy
    for (const queue of await inspect.queues()) {
      const { waiting, scheduled, active } = await inspect.counts(queue)
      unfinished += waiting + scheduled + active
    }
    return unfinished
  }

  async #close(): Promise<void> {
    const { inspect } = this.#server.backend
    for (const { process, worker } of this.#workers) if (process.alive) this.#letGo(process, worker, 5_000)
    for (const { process, producer } of this.#producers) {
      if (!process.alive) continue
      this.history.add({ type: 'closing', by: process.name, patience: 0 })
      void producer.close().then(() => this.history.add({ type: 'closed', by: process.name, timers: process.timers }))
    }
    for (let waited = 0; waited < 60_000 && this.#closing.size > 0; waited += LOOK) await this.#world.advance(LOOK)
    await this.#world.advance(1)
    for (const queue of await inspect.queues()) {
      for (const state of ['waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled'] as const) {
        const { jobs } = await inspect.list({ queue, state, limit: 10_000 })
        for (const { id, name, attempt, failures, crashes } of jobs) {
          this.history.add({ type: 'record', id, queue, name, state, attempt, failures, crashes })
        }
      }
    }
    this.history.add({ type: 'quiet', closing: this.#closing.size })
  }
}
