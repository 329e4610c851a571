import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { ClaimedJob, NewJob } from '@jobport/core/adapter'
import { COUNTS_ATTRIBUTE } from './counts.ts'
import { disguise, escapeUnsafe, isSafe, undisguise, type Disguise } from './text.ts'

/** The facts about a job that stand before its payload. */
export interface Head {
  readonly v: 1
  readonly id: string
  readonly name: string
  readonly headers?: Readonly<Record<string, string>>
  readonly policy?: string
  readonly group?: string
  readonly redrives?: number
  /** Key of the blob that holds the payload. */
  readonly blob?: string
  readonly payload?: Disguise
}

/** A body as it is sent, and the message attributes beside it. */
export interface Envelope {
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttributeValue>> | undefined
}

/** Headers that other tools read too travel as attributes of the message, by their own names. */
const TRACE: readonly string[] = ['traceparent', 'tracestate']

/** The error of a message in a dead-letter queue. */
export const ERROR_ATTRIBUTE = 'jobport-error'

/** What has to be asked for when a message is received. */
export const ATTRIBUTES: readonly string[] = [...TRACE, ERROR_ATTRIBUTE, COUNTS_ATTRIBUTE]

// `{"jobport":{…},` and on a line of its own `"payload":…}`. JSON text as JSON.stringify makes it has no line feed, so the first one ends the head.
const BEFORE_HEAD = '{"jobport":'
const BEFORE_PAYLOAD = ',\n"payload":'
const AFTER_PAYLOAD = '}'

/** The whole is JSON, for whoever else reads the message; the payload stands in it as it was given. */
export function seal(job: NewJob, blob?: string): Envelope {
  const { id, name, headers, policy, group, payload } = job
  const traced = TRACE.filter((key) => isPlain(headers[key]))
  const [how, text] =
    blob !== undefined ? [undefined, 'null'] : isSafe(payload) ? [undefined, payload] : disguise(payload)
  const rest =
    traced.length === 0 ? headers : Object.fromEntries(Object.entries(headers).filter(([key]) => !traced.includes(key)))
  const head: Head = {
    v: 1,
    id,
    name,
    ...(hasAny(rest) && { headers: rest }),
    ...(policy !== undefined && { policy }),
    ...(group !== undefined && { group }),
    ...(blob !== undefined && { blob }),
    ...(how !== undefined && { payload: how }),
  }
  return {
    body: compose(head, text),
    attributes:
      traced.length === 0
        ? undefined
        : Object.fromEntries(traced.map((key) => [key, { DataType: 'String', StringValue: headers[key]! }])),
  }
}

function compose(head: Head, payload: string): string {
  const text = JSON.stringify(head)
  return BEFORE_HEAD + (isSafe(text) ? text : escapeUnsafe(text)) + BEFORE_PAYLOAD + payload + AFTER_PAYLOAD
}

/** The two parts of a body; `undefined` when it was not sent by jobport. */
function split(body: string): { readonly head: Head; readonly payload: string } | undefined {
  if (!body.startsWith(BEFORE_HEAD)) return undefined
  const end = body.indexOf(BEFORE_PAYLOAD)
  if (end < 0) return undefined
  let head: unknown
  try {
    head = JSON.parse(body.slice(BEFORE_HEAD.length, end))
  } catch {
    return undefined
  }
  const payload = body.slice(end + BEFORE_PAYLOAD.length, -AFTER_PAYLOAD.length)
  return { head: head as Head, payload }
}

export type Opened = Pick<ClaimedJob, 'name' | 'headers' | 'payload' | 'policy' | 'group' | 'redrives'> & {
  readonly id: string
  readonly blob: string | undefined
}

/**
 * What `seal` has put into a message; `undefined` when it was not sent by jobport.
 * @throws Error when the message is jobport's and cannot be read.
 */
export function open({ Body = '', MessageAttributes = {} }: Message): Opened | undefined {
  const parts = split(Body)
  if (parts === undefined) return undefined
  const { head, payload } = parts
  const { v, id, name, headers, policy, group, redrives = 0, blob } = head
  if (v !== 1) throw new Error(`its format is version ${String(v)}; this version of jobport reads version 1`)
  if (typeof id !== 'string' || typeof name !== 'string') throw new Error('its envelope has no id or no name')
  const traced = TRACE.flatMap((key) => {
    const value = MessageAttributes[key]?.StringValue
    return value === undefined ? [] : [[key, value] as const]
  })
  return {
    id,
    name,
    headers: traced.length === 0 ? (headers ?? {}) : { ...headers, ...Object.fromEntries(traced) },
    payload: head.payload === undefined ? payload : undisguise(payload, head.payload),
    ...(policy !== undefined && { policy }),
    ...(group !== undefined && { group }),
    redrives,
    blob,
  }
}

/** The body of a job that goes back to work; that of a foreign message stays as it is. */
export function redriven(body: string): { readonly body: string; readonly head: Head | undefined } {
  const parts = split(body)
  if (parts === undefined) return { body, head: undefined }
  const head = { ...parts.head, redrives: (parts.head.redrives ?? 0) + 1 }
  return { body: compose(head, parts.payload), head }
}

/** Bytes as SQS counts them. */
export function bytesOf({ body, attributes }: Envelope): number {
  let bytes = Buffer.byteLength(body)
  for (const [name, { DataType, StringValue = '', BinaryValue }] of Object.entries(attributes ?? {}))
    bytes += Buffer.byteLength(name + DataType! + StringValue) + (BinaryValue?.length ?? 0)
  return bytes
}

function isPlain(value: string | undefined): boolean {
  return value !== undefined && value !== '' && isSafe(value)
}

function hasAny(headers: Readonly<Record<string, string>>): boolean {
  for (const _ in headers) return true
  return false
}
