import { judge, type Verdict } from '../floor.ts'
import type { ReadProfile } from '../profile/read.ts'
import { fileTable, functionTable } from '../profile/summary.ts'
import type { Machine } from '../runner/machine.ts'
import type { Plan, Run } from '../runner/run-suite.ts'
import { comparison } from './comparison.ts'
import { floorSummary, floorTable } from './floors.ts'
import type { Line } from './lines.ts'
import { toMarkdown, toText, type Table } from './table.ts'

/** All that is known when a suite has run. */
export interface Report {
  readonly plan: Plan
  readonly machine: Machine
  readonly run: Run
  readonly lines: readonly Line[]
  readonly profiles: readonly ReadProfile[]
}

const FUNCTIONS = 15
const FILES = 12

/** For a terminal. */
export function textReport(report: Report): string {
  const { plan, profiles } = report
  const verdicts = verdictsOf(report)
  return [
    plan.suite.title,
    machineLines(report).join('\n'),
    ...tables(report).map(toText),
    ...(verdicts.length > 0 ? [`${toText(floorTable(verdicts))}\n\n${floorSummary(verdicts)}`] : []),
    systemLines(report).join('\n'),
    sizeLines(report).join('\n'),
    ...profiles.flatMap(({ scenario, system, file, places }) => [
      `${scenario} on ${system}: where the time goes (${file})`,
      toText(fileTable(places, FILES)),
      toText(functionTable(places, FUNCTIONS)),
    ]),
  ].join('\n\n')
}

/** For the documentation. `chart`: its path, from the page. */
export function markdownReport(report: Report, chart: string): string {
  const { plan, lines, profiles } = report
  const verdicts = verdictsOf(report)
  return [
    `![${plan.suite.title}](${chart})`,
    ...(lines.some(({ ratio }) => ratio !== undefined)
      ? ['In brackets, how many times the figure of the other ours is.']
      : []),
    ...tables(report).map(toMarkdown),
    ...(verdicts.length > 0 ? [`**${floorSummary(verdicts)}**`, toMarkdown(floorTable(verdicts))] : []),
    list(machineLines(report)),
    folded('How the systems are set up', list(systemLines(report))),
    folded('What each scenario does', list(sizeLines(report))),
    ...profiles.map(({ scenario, system, places }) =>
      folded(
        `Where the time goes: ${scenario} on ${system}`,
        `${toMarkdown(fileTable(places, FILES))}\n\n${toMarkdown(functionTable(places, FUNCTIONS))}`,
      ),
    ),
  ].join('\n\n')
}

function tables({ plan, lines }: Report): readonly Table[] {
  return plan.suite.contests.map((contest) => comparison(lines, contest)).filter(({ rows }) => rows.length > 0)
}

function verdictsOf({ plan, lines }: Report): readonly Verdict[] {
  return judge(plan.suite.floors ?? [], lines)
}

function machineLines({ machine, plan, run }: Report): readonly string[] {
  const { processor, memory, system, node, disk, load } = machine
  const rounds =
    plan.rounds === 1
      ? 'one round, each system in a fresh process'
      : `median of ${plan.rounds} rounds ± half of their range, each round of each system in a fresh process`
  const busy = `the load average was ${load.toFixed(1)} at the start${load > 0.5 ? ': other programs took their share' : ''}`
  const here = `${node}, ${processor}, ${memory}, ${system}; temporary files: ${disk}`
  return [here, ...run.servers, `${rounds}; ${busy}`]
}

function systemLines({ run }: Report): readonly string[] {
  return [...run.systems].map(([name, { configuration, versions }]) => {
    const numbers = Object.entries(versions).map(([part, version]) => `${part} ${version}`)
    return `${name}: ${[configuration, ...numbers].join('; ')}`
  })
}

function sizeLines({ plan, run }: Report): readonly string[] {
  return plan.scenarios.map(({ name, description, size }) => {
    const most = plan.quick ? size.quick : size.full
    const jobs = [...(run.jobs.get(name) ?? [])]
    const others = jobs.filter(([, count]) => count !== most).map(([system, count]) => `${system} ${thousands(count)}`)
    const exceptions = others.length > 0 ? ` (${others.join(', ')})` : ''
    return `${name}: ${thousands(most)} jobs a round${exceptions}; ${description}`
  })
}

function thousands(count: number): string {
  return count.toLocaleString('en')
}

/** Opens with a click, on GitHub as well. */
function folded(title: string, text: string): string {
  return `<details><summary>${title}</summary>\n\n${text}\n\n</details>`
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}
