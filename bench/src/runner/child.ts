// Runs one task in a process of its own, so that no round profits or suffers from what ran before it.
import { inspect } from 'node:util'
import { Profiler } from '../profile/profiler.ts'
import type { Measured } from '../scenario.ts'
import { loadSuite } from '../suite.ts'
import type { CreateSystem } from '../system.ts'
import type { Outcome, Reply, Task } from './task.ts'

process.once('message', (task: Task) => {
  run(task).then(
    (outcome) => reply({ outcome }),
    (error: unknown) => reply({ error: inspect(error) }),
  )
})
process.once('disconnect', () => process.exit(1))

async function run(task: Task): Promise<Outcome> {
  const { scenarios } = await loadSuite(task.suite)
  const scenario = scenarios.find(({ name }) => name === task.scenario)!
  const { create } = (await import(`../systems/${task.system}.ts`)) as { readonly create: CreateSystem }
  const system = await create({ directory: task.directory })
  const size = task.quick ? scenario.size.quick : scenario.size.full
  await system.prepare()
  const profiler = task.profile === undefined ? undefined : await Profiler.warmUp()
  // Once unmeasured: code that has seen a hundred thousand jobs is compiled differently from code that has seen a few.
  await scenario.run({ system, measure: time }, size)
  await profiler?.discard()
  const measure = async (work: () => Promise<void>): Promise<Measured> => {
    globalThis.gc?.()
    await profiler?.start()
    const result = await time(work)
    await profiler?.write(task.profile!)
    return result
  }
  const values = await scenario.run({ system, measure }, size)
  await system.close()
  return { values, configuration: system.configuration, versions: system.versions }
}

async function time(work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

function reply(message: Reply): void {
  process.send!(message, () => process.exit(0))
}
