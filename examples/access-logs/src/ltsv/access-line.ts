/** The labels that are kept. The rest of a line is ignored, as LTSV asks for. */
export const LABELS = ['time', 'id', 'level', 'method', 'uri', 'reqtime'] as const
export const [TIME, ID, LEVEL, METHOD, URI, REQTIME] = [0, 1, 2, 3, 4, 5] as const

/**
 * What stands in a line: numbers, and where the texts are in the bytes that were parsed. There is one for a whole file, written anew for each line, for a million lines
 * would otherwise be ten million objects.
 */
export interface AccessLine {
  /** Seconds from 1970 on, as the clock of the log counts them: a time of the log has no zone. */
  time: number
  /** Seconds; `NaN` where there is none. */
  reqtime: number
  /** Where the value of each label begins and ends: two numbers a label, -1 where there is none. */
  readonly spans: Int32Array
}

export function emptyLine(): AccessLine {
  return { time: Number.NaN, reqtime: Number.NaN, spans: new Int32Array(2 * LABELS.length) }
}

/** The text of a label; `null` where the line has none, or an empty one. */
export function textOf({ spans }: AccessLine, label: number, bytes: Buffer): string | null {
  const start = spans[2 * label]!
  const end = spans[2 * label + 1]!
  return start === end ? null : bytes.toString('utf8', start, end)
}
