import { relative } from 'node:path'
import { styleText } from 'node:util'
import type { Run } from '../run/run-folder.ts'
import type { Outcome } from './outcome.ts'

export interface Work {
  /** Jobs that this process has completed. */
  readonly completed: number
  /** Milliseconds from its start to the last of them. */
  readonly took: number
}

/** What is said at the end of a run. */
export function summarize(
  { jobs, completed, dead, retries, crashes, told, problems }: Outcome,
  run: Run,
  work: Work,
): string {
  const rows = [
    ['jobs', `${jobs}: ${completed} completed, ${dead.length} dead${dead.length === 0 ? '' : ` (${few(dead)})`}`],
    ['rate', rate(work)],
    ['retries', `${retries}${crashes === 0 ? '' : `, and ${crashes} attempts that were interrupted`}`],
    ['notifications', `${told.users} to ${told.userCount} users, ${told.admins} to the administrators`],
    ['', `${shown(run.outbox.users)}\n${shown(run.outbox.admins)}`],
    ['contact sheet', styleText('bold', shown(run.sheet))],
  ]
  const table = rows.map(([label, value]) => `  ${label!.padEnd(15)}${value!.replaceAll('\n', `\n${' '.repeat(17)}`)}`)
  const verdict =
    problems.length === 0
      ? styleText('green', 'As expected: every job finished once, and everybody was told.')
      : styleText('red', ['Not as expected:', ...problems.slice(0, 10).map((problem) => `  ${problem}`)].join('\n'))
  return `${table.join('\n')}\n\n${verdict}`
}

function rate({ completed, took }: Work): string {
  const seconds = took / 1_000
  return `${completed} completed in ${seconds.toFixed(1)} s, ${(completed / Math.max(seconds, 0.001)).toFixed(0)} a second`
}

/** Relative to where the user is, when that is shorter. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short !== '' && short.length < path.length ? short : path
}

function few(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}
