import { z } from 'zod'

/** A port to listen on. */
export function port(ordinary: number): z.ZodType<number> {
  return number('a port', { from: 0, to: 65_535 }).default(ordinary)
}

/** A whole number, written in digits. */
export function number(what: string, { from, to }: { readonly from: number; readonly to: number }) {
  const message = `must be ${what}: a whole number from ${from} to ${to}`
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= from && value <= to, message)
    .describe(what)
}

/** `true` or `false`. */
export function flag(what: string) {
  return z
    .enum(['true', 'false'], `must be true or false: ${what}`)
    .transform((value) => value === 'true')
    .describe(what)
}

/** A URL of one of these protocols, such as `redis:`. Kept as it is written. */
export function url(what: string, ...protocols: readonly string[]) {
  const allowed = protocols.map((each) => `${each}//`).join(' or ')
  return z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), `must begin with ${allowed}`)
    .describe(what)
}

/** Words between commas. */
export function list(what: string) {
  return z
    .string()
    .transform((value) => value.split(',').map((word) => word.trim()))
    .refine((words) => words.every((word) => word !== ''), 'must be words between commas')
    .describe(what)
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** What every service reads. */
export const common = {
  LOG_LEVEL: z.enum(LEVELS, `must be one of ${LEVELS.join(', ')}`).default('info'),
  STOP_GRACE_SECONDS: number('how long running work may go on when the service stops', { from: 1, to: 3_600 }).default(
    20,
  ),
} as const
