import type { Step } from '../runner/run-suite.ts'
import { formatValue } from './number.ts'

/** Shows each step as it ends: on a terminal in one line that is written over, else line by line. */
export function showStep(step: Step): void {
  const { done, total, round, scenario, system, outcome } = step
  const failed = outcome instanceof Error
  const result = failed
    ? `FAILED\n${outcome.message}`
    : scenario.metrics.map(({ name, unit }) => formatValue(outcome.values[name] ?? NaN, unit)).join(', ')
  const text = `${`${done}/${total}`.padEnd(8)}${round.padEnd(9)}${scenario.name.padEnd(25)}${system.padEnd(18)}${result}`
  if (!process.stderr.isTTY) process.stderr.write(`${text}\n`)
  else process.stderr.write(`\r\x1b[2K${text}${failed ? '\n' : ''}${done === total ? '\r\x1b[2K' : ''}`)
}
