import { isUtf8 } from 'node:buffer'
import { LABELS, REQTIME, TIME, URI, type AccessLine } from './access-line.ts'
import { readDecimal, readTime } from './values.ts'

/** Why a line is not kept. Few and constant, so that they can be counted. */
export type Reason =
  | 'the line is empty'
  | 'the line is too long'
  | 'the file breaks off in this line'
  | 'the line is not UTF-8'
  | 'the line has a NUL byte'
  | 'a field has no label'
  | 'a label stands twice'
  | 'there is no time'
  | 'the time is not a time'
  | 'there is no uri'
  | 'the reqtime is not a number'

const [TAB, COLON, DASH] = [9, 58, 45]
/** No two labels are equally long, so the length says which one it can be. */
const BY_LENGTH = labelsByLength()

/**
 * Reads `bytes` from `start` to `end`, the line without its end, into `line`. Labels may come in any order; unknown ones are ignored.
 * @returns why it is none, and then `line` means nothing
 */
export function parseLine(bytes: Uint8Array, start: number, end: number, line: AccessLine): Reason | undefined {
  if (start === end) return 'the line is empty'
  const { spans } = line
  spans.fill(-1)
  for (let at = start; at <= end;) {
    let colon = at
    while (colon < end && bytes[colon] !== COLON && bytes[colon] !== TAB) colon++
    if (colon === at || colon === end || bytes[colon] === TAB) return 'a field has no label'
    let stop = colon + 1
    while (stop < end && bytes[stop] !== TAB) stop++
    const label = labelAt(bytes, at, colon)
    if (label !== -1) {
      if (spans[2 * label] !== -1) return 'a label stands twice'
      spans[2 * label] = colon + 1
      spans[2 * label + 1] = stop
    }
    at = stop + 1
  }
  return readValues(bytes, line)
}

/** What Postgres does not take for text. */
export function findTextProblem(bytes: Buffer, start: number, end: number): Reason | undefined {
  const text = bytes.subarray(start, end)
  if (!isUtf8(text)) return 'the line is not UTF-8'
  return text.includes(0) ? 'the line has a NUL byte' : undefined
}

function readValues(bytes: Uint8Array, line: AccessLine): Reason | undefined {
  const { spans } = line
  if (spans[2 * TIME] === -1) return 'there is no time'
  line.time = readTime(bytes, spans[2 * TIME]!, spans[2 * TIME + 1]!)
  if (Number.isNaN(line.time)) return 'the time is not a time'
  if (spans[2 * URI] === spans[2 * URI + 1]) return 'there is no uri'

  const start = spans[2 * REQTIME]!
  const end = spans[2 * REQTIME + 1]!
  line.reqtime = Number.NaN
  // A dash is how servers write that there is nothing to say.
  if (start === end || (end - start === 1 && bytes[start] === DASH)) return undefined
  line.reqtime = readDecimal(bytes, start, end)
  return Number.isNaN(line.reqtime) ? 'the reqtime is not a number' : undefined
}

/** The number of the label that stands there; -1 for an unknown one. */
function labelAt(bytes: Uint8Array, start: number, end: number): number {
  const known = BY_LENGTH[end - start]
  if (known === undefined) return -1
  for (let index = 0; index < known.text.length; index++) if (bytes[start + index] !== known.text[index]) return -1
  return known.label
}

function labelsByLength(): readonly ({ readonly label: number; readonly text: Uint8Array } | undefined)[] {
  return Array.from({ length: 1 + Math.max(...LABELS.map(({ length }) => length)) }, (_, length) => {
    const label = LABELS.findIndex((each) => each.length === length)
    return label === -1 ? undefined : { label, text: Buffer.from(LABELS[label]!) }
  })
}
