import type { Floor, Verdict } from '../floor.ts'
import { formatNumber } from './number.ts'
import type { Table } from './table.ts'

/** How many were met, in a sentence. */
export function floorSummary(verdicts: readonly Verdict[]): string {
  const missed = verdicts.filter(({ gap }) => gap > 0).length
  return `Floors: ${verdicts.length - missed} of ${verdicts.length} met.`
}

export function floorTable(verdicts: readonly Verdict[]): Table {
  return {
    head: ['system', 'scenario', 'floor', 'reached', ''],
    align: ['left', 'left', 'left', 'right', 'left'],
    rows: verdicts.map(({ floor, value, rival, gap }) => [
      floor.system,
      floor.scenario,
      describe(floor, rival),
      format(value, floor),
      gap === 0 ? 'met' : `missed by ${percent(gap)}`,
    ]),
  }
}

function describe(floor: Floor, rival: string | undefined): string {
  const { over, bound } = floor
  const limit = 'atLeast' in bound ? `≥ ${format(bound.atLeast, floor)}` : `≤ ${format(bound.atMost, floor)}`
  if (over === undefined) return limit
  if ('scenario' in over) return `${limit} ${over.scenario}`
  return over.length > 1 ? `${limit} the best peer (${rival})` : `${limit} ${rival}`
}

function format(value: number, { over }: Floor): string {
  return over === undefined ? formatNumber(value) : `${Number(value.toPrecision(3))}×`
}

function percent(part: number): string {
  return part < 0.01 ? 'less than 1 %' : `${Math.round(part * 100)} %`
}
