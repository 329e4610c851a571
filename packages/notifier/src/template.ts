import type { DescribedError, FinalState, Notification } from '@jobport/core/notify'
import type { Message } from './channel.ts'

/** Makes the words of a message. */
export type Template = (notification: Notification) => Pick<Message, 'subject' | 'text'>

/**
 * Templates by job name; `*` stands for every job. Either one for all events, or one for each:
 * `{ 'media.encode': { completed: …, dead: … }, '*': … }`. Where none fits, the message is plain and complete.
 */
export type Templates = Readonly<Record<string, Template | { readonly [Event in FinalState]?: Template }>>

/** Beyond this a result is cut in the plain message; channels find all of it in `notification`. */
const MAX_RESULT = 1_000

export function render(templates: Templates, notification: Notification): Message {
  const { id, to, event } = notification
  const template = find(templates, notification.job.name, event) ?? find(templates, '*', event) ?? plain
  const { subject, text } = template(notification)
  return { id, to, event, subject, text, notification }
}

function find(templates: Templates, name: string, event: FinalState): Template | undefined {
  const found = Object.hasOwn(templates, name) ? templates[name] : undefined
  return typeof found === 'function' ? found : found?.[event]
}

const OUTCOMES: Readonly<Record<FinalState, string>> = {
  completed: 'is completed',
  dead: 'has failed for good',
  cancelled: 'was cancelled',
}

function plain({ event, job, result, error }: Notification): Pick<Message, 'subject' | 'text'> {
  const lines = [
    `Job ${job.id} (${job.name}) ${OUTCOMES[event]}.`,
    `Queue ${job.queue}, enqueued ${new Date(job.enqueuedAt).toISOString()}, attempt ${job.attempt}.`,
    ...(result === undefined ? [] : [`Result: ${cut(JSON.stringify(result))}`]),
    ...(error === undefined ? [] : ['Error:', ...causes(error)]),
  ]
  return { subject: `${job.name} ${OUTCOMES[event]}`, text: lines.join('\n') }
}

function causes({ name, message, cause }: DescribedError): readonly string[] {
  const line = `  ${name}: ${message}`
  return cause === undefined ? [line] : [line, ...causes(cause)]
}

function cut(text: string): string {
  return text.length <= MAX_RESULT ? text : `${text.slice(0, MAX_RESULT)}…`
}
