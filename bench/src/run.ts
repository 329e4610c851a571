// pnpm bench <suite>: see `usage` in arguments.ts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { checkNames, parseArguments, usage, type Arguments } from './arguments.ts'
import { readProfiles } from './profile/read.ts'
import { chart } from './report/chart.ts'
import { updateDocs } from './report/docs.ts'
import { toJsonLines, toLines } from './report/lines.ts'
import { showStep } from './report/progress.ts'
import { textReport } from './report/report.ts'
import { describeMachine } from './runner/machine.ts'
import { runSuite, type Plan, type Profiling } from './runner/run-suite.ts'
import type { Scenario } from './scenario.ts'
import { loadSuite, suiteNames, systemsOf, type Suite } from './suite.ts'
import { UsageError } from './usage-error.ts'

// So that what runs on `exit` removes temporary files.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

try {
  const options = parseArguments(process.argv.slice(2), suiteNames())
  if (options === undefined) console.log(usage(suiteNames()))
  else await bench(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${usage(suiteNames())}`)
  process.exitCode = 2
}

async function bench(options: Arguments): Promise<void> {
  const plan = await toPlan(options)
  const written = [options.json, options.svg].filter((file) => file !== undefined)
  for (const folder of [...written.map((file) => dirname(file)), plan.profiling?.folder]) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true })
  }
  const machine = describeMachine()
  const run = await runSuite(plan, showStep)
  const lines = toLines(run.measurements, plan.suite.contests)
  const report = { plan, machine, run, lines, profiles: readProfiles(run.profiles) }
  console.log(textReport(report))
  if (options.json !== undefined) writeFileSync(options.json, toJsonLines(lines))
  if (options.svg !== undefined) writeFileSync(options.svg, chart(plan.suite, lines))
  if (run.failures.length > 0) {
    console.error(`\n${run.failures.map(({ message }) => message).join('\n\n')}`)
    process.exitCode = 1
  } else if (options.updateDocs) written.push(...updateDocs(report))
  if (written.length > 0) console.log(`\nWritten: ${written.join(', ')}`)
}

async function toPlan(options: Arguments): Promise<Plan> {
  const suite = await loadSuite(options.suite)
  checkNames(options.systems, systemsOf(suite), 'system')
  checkNames(options.scenarios, suite.scenarios.flatMap(namesOf), 'scenario')
  const scenarios = suite.scenarios.filter((scenario) => isChosen(options, scenario))
  const systems = systemsOf(suite).filter((name) => options.systems.length === 0 || options.systems.includes(name))
  const everything = { scenarios: scenarios.map(({ name }) => name), systems }
  return {
    name: options.suite,
    suite,
    scenarios,
    systems,
    rounds: options.rounds,
    quick: options.quick,
    profiling: options.profile === undefined ? forDocs(options, suite) : { folder: options.profile, ...everything },
  }
}

/** By its name, or by that of one of its lines. */
function namesOf({ name, metrics }: Scenario): readonly string[] {
  return [name, ...metrics.map((metric) => metric.name)]
}

function isChosen({ scenarios, quick }: Arguments, scenario: Scenario): boolean {
  if (scenarios.length > 0) return namesOf(scenario).some((name) => scenarios.includes(name))
  return scenario.only === undefined || (scenario.only === 'full' && !quick)
}

function forDocs({ updateDocs }: Arguments, { explained, contests }: Suite): Profiling | undefined {
  if (!updateDocs) return undefined
  return { folder: temporaryFolder(), scenarios: explained, systems: contests.flatMap(({ ours }) => ours) }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobport-profiles-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
