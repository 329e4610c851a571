import { z } from 'zod'

const ms = z.number().nonnegative()

/** Where the time of one request went, in milliseconds. `null`: it did not come to that. */
const timing = z.object({
  lookup: ms.nullable().describe('until the name was resolved; null for a host that is an address'),
  connect: ms.nullable().describe('from there until the connection stood'),
  tls: ms.nullable().describe('from there until the TLS handshake was done; null for http'),
  wait: ms.nullable().describe('from there until the answer began'),
  total: ms.describe('all of it, with what was read of the body'),
})

/** One request. A check that is redirected makes several. */
const hop = z.object({
  url: z.string(),
  address: z.string().nullable().describe('what was connected to'),
  status: z.int().nullable().describe('null: it did not answer'),
  timing,
})

const certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.iso.datetime(),
  validTo: z.iso.datetime(),
  trusted: z.boolean().describe('whether a browser would trust it, for this host, today'),
  problem: z.string().nullable().describe('why not, such as CERT_HAS_EXPIRED'),
})

/** What a check has found out. `answered`: by whatever status. `failed`: no answer. `refused`: it, or a redirect, led to an address that is not public. */
export const report = z.object({
  outcome: z.enum(['answered', 'failed', 'refused']),
  status: z.int().nullable().describe('of the last request'),
  ms: ms.describe('how long the check took, with all redirects'),
  hops: z.array(hop),
  title: z.string().nullable(),
  certificate: certificate.nullable().describe('of the last request'),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

export type Report = z.infer<typeof report>
export type Outcome = Report['outcome']
export type Hop = z.infer<typeof hop>
export type Timing = z.infer<typeof timing>
export type Certificate = z.infer<typeof certificate>
