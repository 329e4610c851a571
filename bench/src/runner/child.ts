// Runs one task in a process of its own, so that no round profits or suffers from what ran before it.
import { inspect } from 'node:util'
import { Profiler } from '../profile/profiler.ts'
import type { Measured, Stage } from '../scenario.ts'
import type { Server } from '../server.ts'
import { loadSuite } from '../suite.ts'
import { createSystem } from '../system.ts'
import { warmUp } from './effort.ts'
import type { Outcome, Reply, Task } from './task.ts'
import { WorkerProcesses } from './worker-processes.ts'

process.once('message', (task: Task) => {
  run(task).then(
    (outcome) => reply({ outcome }),
    (error: unknown) => reply({ error: inspect(error) }),
  )
})
process.once('disconnect', () => process.exit(1))

async function run(task: Task): Promise<Outcome> {
  const suite = await loadSuite(task.suite)
  const scenario = suite.scenarios.find(({ name }) => name === task.scenario)!
  const server = await suite.server?.()
  await server?.reset()
  const system = await createSystem(task.system, task)
  await system.prepare()
  const profiler = task.profile === undefined ? undefined : await Profiler.warmUp()
  const workers = scenario.processes === undefined ? undefined : await WorkerProcesses.start(scenario.processes, task)
  const stage: Stage = { system, server, workers, measure: (work) => time(work, server) }
  const ours = suite.contests.some((contest) => contest.ours.includes(task.system))
  const { still = false, processes } = scenario
  const size = scenario.sizes?.[task.system] ?? scenario.size
  const jobs = still
    ? task.quick
      ? size.quick
      : size.full
    : await warmUp({ size, quick: task.quick, ours, ...(processes !== undefined && { processes }) }, (lot) =>
        scenario.run(stage, lot),
      )
  await profiler?.discard()
  const measure = async (work: () => Promise<void>): Promise<Measured> => {
    globalThis.gc?.()
    await profiler?.start()
    const result = await time(work, server)
    await profiler?.write(task.profile!)
    return result
  }
  const values = await scenario.run({ ...stage, measure }, jobs)
  workers?.end()
  await system.close()
  await server?.close()
  const { configuration, versions } = system
  return { values, jobs, configuration, versions, server: server?.description }
}

async function time(work: () => Promise<void>, server: Server | undefined): Promise<Measured> {
  const serverCpu = await server?.cpuSeconds()
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const serverCpuSeconds = serverCpu === undefined ? undefined : (await server!.cpuSeconds())! - serverCpu
  return { seconds, cpuSeconds: (user + system) / 1e6, serverCpuSeconds }
}

function reply(message: Reply): void {
  process.send!(message, () => process.exit(0))
}
