import { z } from 'zod'

/** Any text that Postgres can hold. */
export const clientName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\0]*$/, 'must not contain the character NUL')
  .describe('who asks')
