import type { Ms } from '../contract/job.ts'
import { OptionError } from '../errors/option-error.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w'

/** A number of milliseconds, or a number with a unit: `'250ms'`, `'30s'`, `'5m'`, `'1.5h'`, `'7d'`, `'2w'`. */
export type Duration = Ms | `${number}${Unit}`

const MILLISECONDS: Readonly<Record<Unit, Ms>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const PATTERN = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/

/**
 * Milliseconds of a duration, rounded.
 * @throws OptionError naming `option` when it is negative, not finite or has no known unit.
 */
export function toMs(duration: Duration, option: string): Ms {
  if (typeof duration === 'number') {
    if (duration >= 0 && duration <= Number.MAX_SAFE_INTEGER) return duration
    throw new OptionError(option, `${duration} is not a duration; give milliseconds from 0 up`)
  }
  const match = typeof duration === 'string' ? PATTERN.exec(duration) : null
  if (match === null) {
    throw new OptionError(
      option,
      `${JSON.stringify(duration)} is not a duration; give milliseconds, or a number with ms, s, m, h, d or w such as '5m'`,
    )
  }
  return Math.round(Number(match[1]) * MILLISECONDS[match[2] as Unit])
}

/** As `toMs`, and refuses 0. */
export function toPositiveMs(duration: Duration, option: string): Ms {
  const ms = toMs(duration, option)
  if (ms > 0) return ms
  throw new OptionError(option, 'must be longer than 0')
}
