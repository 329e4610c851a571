import type { Measurement } from '../report/lines.ts'
import type { Scenario } from '../scenario.ts'
import type { Suite } from '../suite.ts'
import { runTask } from './run-task.ts'
import type { Outcome } from './task.ts'

export interface Plan {
  readonly name: string
  readonly suite: Suite
  readonly scenarios: readonly Scenario[]
  readonly systems: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  /** An extra round with CPU profiles, whose figures do not count. */
  readonly profiling: Profiling | undefined
}

export interface Profiling {
  /** Where the files go. */
  readonly folder: string
  readonly scenarios: readonly string[]
  readonly systems: readonly string[]
}

/** What happened so far, for a display. */
export interface Step {
  readonly done: number
  readonly total: number
  readonly round: string
  readonly scenario: Scenario
  readonly system: string
  readonly outcome: Outcome | Error
}

export interface Run {
  readonly measurements: readonly Measurement[]
  /** What each system said of itself. */
  readonly systems: ReadonlyMap<string, Introduction>
  /** What the servers said of themselves. */
  readonly servers: ReadonlySet<string>
  /** How many jobs were measured in the last round, by scenario and system. */
  readonly jobs: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly profiles: readonly Profile[]
  /** A system that fails a scenario is not asked again, and has no result there. */
  readonly failures: readonly Error[]
}

type Introduction = Pick<Outcome, 'configuration' | 'versions'>

export interface Profile {
  readonly scenario: string
  readonly system: string
  readonly file: string
}

/**
 * Runs the rounds one after the other, and within a round each scenario on all systems in turn, so that whatever slows the machine for a while
 * meets all of them.
 */
export async function runSuite(plan: Plan, onStep: (step: Step) => void): Promise<Run> {
  const services = await plan.suite.services?.()
  try {
    return await new SuiteRun(plan, services?.env ?? {}, onStep).run()
  } finally {
    await services?.stop()
  }
}

class SuiteRun {
  readonly #plan: Plan
  readonly #env: Readonly<Record<string, string>>
  readonly #onStep: (step: Step) => void
  readonly #values = new Map<string, number[]>()
  readonly #systems = new Map<string, Introduction>()
  readonly #servers = new Set<string>()
  readonly #jobs = new Map<string, Map<string, number>>()
  readonly #profiles: Profile[] = []
  readonly #failed = new Map<string, Error>()
  readonly #total: number
  #done = 0

  constructor(plan: Plan, env: Readonly<Record<string, string>>, onStep: (step: Step) => void) {
    this.#plan = plan
    this.#env = env
    this.#onStep = onStep
    const { scenarios, rounds, profiling } = plan
    const extra = profiling === undefined ? [] : scenarios.flatMap((scenario) => this.#profiledFor(scenario))
    this.#total = rounds * scenarios.flatMap((scenario) => this.#systemsFor(scenario)).length + extra.length
  }

  async run(): Promise<Run> {
    const { scenarios, rounds, profiling } = this.#plan
    for (let round = 0; round < rounds; round++) await this.#round(round)
    for (const scenario of scenarios) {
      for (const system of this.#profiledFor(scenario)) await this.#task('profile', scenario, system, profiling?.folder)
    }
    return {
      measurements: this.#measurements(),
      systems: this.#systems,
      servers: this.#servers,
      jobs: this.#jobs,
      profiles: this.#profiles,
      failures: [...this.#failed.values()],
    }
  }

  async #round(round: number): Promise<void> {
    for (const scenario of this.#plan.scenarios) {
      const systems = this.#systemsFor(scenario)
      // Another one begins each round, so none always runs on the machine that the same neighbour left behind.
      const order = systems.map((_, index) => systems[(index + round) % systems.length]!)
      for (const system of order) await this.#task(`round ${round + 1}`, scenario, system, undefined)
    }
  }

  #systemsFor({ name }: Scenario): readonly string[] {
    const { systems, suite } = this.#plan
    return systems.filter((system) => !suite.skips?.[system]?.includes(name))
  }

  #profiledFor(scenario: Scenario): readonly string[] {
    const { profiling } = this.#plan
    if (profiling === undefined || scenario.still || !profiling.scenarios.includes(scenario.name)) return []
    return this.#systemsFor(scenario).filter((system) => profiling.systems.includes(system))
  }

  async #task(round: string, scenario: Scenario, system: string, folder: string | undefined): Promise<void> {
    const { name, quick } = this.#plan
    const key = `${scenario.name} ${system}`
    this.#done++
    if (this.#failed.has(key)) return
    const task = { suite: name, scenario: scenario.name, system, quick }
    const file = folder && `${folder}/${system}-${scenario.name}.cpuprofile`
    let outcome: Outcome | Error
    try {
      outcome = await runTask(file === undefined ? task : { ...task, profile: file }, this.#env)
      this.#introduce(scenario, system, outcome)
      if (file === undefined) this.#note(scenario, system, outcome)
      else this.#profiles.push({ scenario: scenario.name, system, file })
    } catch (error) {
      outcome = error as Error
      this.#failed.set(key, outcome)
    }
    this.#onStep({ done: this.#done, total: this.#total, round, scenario, system, outcome })
  }

  #introduce({ name }: Scenario, system: string, { configuration, versions, server, jobs }: Outcome): void {
    this.#systems.set(system, { configuration, versions })
    if (server !== undefined) this.#servers.add(server)
    this.#jobs.set(name, (this.#jobs.get(name) ?? new Map<string, number>()).set(system, jobs))
  }

  #note(scenario: Scenario, system: string, { values }: Outcome): void {
    for (const { name } of scenario.metrics) {
      const value = values[name]
      if (value === undefined) continue
      const key = `${name} ${system}`
      this.#values.set(key, [...(this.#values.get(key) ?? []), value])
    }
  }

  #measurements(): readonly Measurement[] {
    const { name: suite, scenarios, systems } = this.#plan
    return scenarios.flatMap((scenario) =>
      scenario.metrics.flatMap(({ name, unit }) =>
        systems.flatMap((system) => {
          const rounds = this.#values.get(`${name} ${system}`)
          const failed = this.#failed.has(`${scenario.name} ${system}`)
          return rounds === undefined || failed ? [] : [{ suite, scenario: name, system, unit, rounds }]
        }),
      ),
    )
  }
}
