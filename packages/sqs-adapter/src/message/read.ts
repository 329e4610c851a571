import type { Message } from '@aws-sdk/client-sqs'
import type { Settings } from '../options.ts'
import { open, type Opened } from './envelope.ts'

const ID = /^[\w.:-]{1,128}$/
const NAME = /^[\w.:-]{1,80}$/

/**
 * The job that a message stands for. A promise only where its payload has to be fetched.
 * @throws Error when it stands for none.
 */
export function read(
  { decode, blobs }: Pick<Settings, 'decode' | 'blobs'>,
  queue: string,
  message: Message,
): Opened | Promise<Opened> {
  const opened = open(message) ?? foreign(decode, queue, message)
  if (!ID.test(opened.id) || !NAME.test(opened.name)) throw new Error('its id or its name is none that a job can have')
  if (opened.blob === undefined) return opened
  const { blob } = opened
  if (blobs === undefined) throw new Error(`its payload is the blob ${blob}; give \`blobs\` the store that has it`)
  return blobs.get(blob).then((payload) => {
    if (payload === undefined) throw new Error(`its payload, the blob ${blob}, is gone`)
    return { ...opened, payload }
  })
}

function foreign(decode: Settings['decode'], queue: string, message: Message): Opened {
  if (decode === undefined)
    throw new Error('it was not sent by jobport; give `decode` a function that makes jobs of such messages')
  const { MessageId, Body = '', MessageAttributes = {} } = message
  const job = decode({ id: MessageId!, body: Body, attributes: MessageAttributes, queue })
  if (job === undefined) throw new Error('`decode` made no job of it')
  const payload = JSON.stringify(job.input ?? null) as string | undefined
  if (payload === undefined) throw new Error('`decode` gave an input that is no value of JSON')
  return { id: job.id ?? MessageId!, name: job.name, headers: job.headers ?? {}, payload, redrives: 0, blob: undefined }
}
