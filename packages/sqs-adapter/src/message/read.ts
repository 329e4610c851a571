import type { Message } from '@aws-sdk/client-sqs'
import { BackendError } from '@jobport/core/adapter'
import { NAME as BACKEND } from '../limits.ts'
import type { Settings } from '../options.ts'
import { open, type Opened } from './envelope.ts'

const ID = /^[\w.:-]{1,128}$/
const NAME = /^[\w.:-]{1,80}$/

/**
 * The job that a message stands for; where `blob` is there, without its payload.
 * @throws Error when it stands for none.
 */
export function read({ decode }: Pick<Settings, 'decode'>, queue: string, message: Message): Opened {
  const opened = open(message) ?? foreign(decode, queue, message)
  if (!ID.test(opened.id) || !NAME.test(opened.name)) throw new Error('its id or its name is none that a job can have')
  return opened
}

/**
 * The job with its payload.
 * @throws BackendError `unavailable` when that cannot be fetched now; Error when it never can.
 */
export async function fetched({ blobs }: Pick<Settings, 'blobs'>, opened: Opened): Promise<Opened> {
  const blob = opened.blob!
  if (blobs === undefined) throw new Error(`its payload is the blob ${blob}; give \`blobs\` the store that has it`)
  let payload: string | undefined
  try {
    payload = await blobs.get(blob)
  } catch (error) {
    const problem = `the blob store did not give the payload ${blob}: ${String(error)}`
    throw new BackendError('unavailable', BACKEND, problem, { cause: error, outcome: 'none' })
  }
  if (payload === undefined) throw new Error(`its payload, the blob ${blob}, is gone`)
  return { ...opened, payload }
}

function foreign(decode: Settings['decode'], queue: string, message: Message): Opened {
  if (decode === undefined)
    throw new Error('it was not sent by jobport; give `decode` a function that makes jobs of such messages')
  const { MessageId, Body = '', MessageAttributes = {} } = message
  const job = decode({ id: MessageId!, body: Body, attributes: MessageAttributes, queue })
  if (job === undefined) throw new Error('`decode` made no job of it')
  const { id = MessageId!, name, headers = {} } = job
  const texts: readonly unknown[] = [id, name, ...Object.values(headers)]
  if (texts.some((text) => typeof text !== 'string'))
    throw new Error('`decode` gave an id, a name or a header that is no string')
  const payload = JSON.stringify(job.input ?? null) as string | undefined
  if (payload === undefined) throw new Error('`decode` gave an input that is no value of JSON')
  return { id, name, headers, payload, redrives: 0, blob: undefined }
}
