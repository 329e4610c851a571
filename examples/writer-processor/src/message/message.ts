import { z } from 'zod'

/** What a caller hands over. */
export const message = z.strictObject({
  topic: z
    .string()
    .regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/, 'must be words of a-z, 0-9 and hyphens, joined by dots')
    .max(80)
    .describe('What it is about, such as `order.created`'),
  text: z.string().min(1).max(16_384).describe('What it says'),
  attributes: z
    .record(z.string().min(1).max(40), z.string().max(200))
    .refine((attributes) => Object.keys(attributes).length <= 20, 'must be 20 at most')
    .optional()
    .describe('Facts beside the text, by name'),
})

export type Message = z.output<typeof message>
