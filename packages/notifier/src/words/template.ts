import { OptionError, type Ms, type Notification, type NotifyEvent, type Timestamp } from '@jobport/core/notify'
import type { Message } from '../channel.ts'
import { plainBlocks, type Block } from './blocks.ts'
import { plain } from './plain.ts'
import { clean, cut, escapeHtml, MOST, oneLine } from './text.ts'

/** The words of a message. What is left out is made of the text. */
export interface Words {
  readonly subject: string
  readonly text: string
  /** Escape what comes from a job. */
  readonly html?: string
  /** For Slack; at most 50. */
  readonly blocks?: readonly Block[]
}

/** What a template may use besides the notification. */
export interface TemplateContext {
  /** By the notifier's `link`. */
  readonly link?: string
  /** From the job's enqueue to what happened, by the backend's clock. */
  readonly lasted?: Ms
  /** What of a job's data the default template shows. */
  readonly show: readonly Shown[]
}

/** Data of a job that is not shown unless it is asked for. */
export type Shown = 'input' | 'result'

/** Makes the words of a message. */
export type Template = (notification: Notification, context: TemplateContext) => Words

/**
 * Templates by job name; `*` stands for every job. Either one for all events, or one for each:
 * `{ 'media.encode': { completed: …, dead: … }, '*': … }`. Where none fits, the message is plain and complete. A digest has the template of `digest`.
 */
export type Templates = Readonly<Record<string, Template | { readonly [Event in NotifyEvent | 'digest']?: Template }>>

export interface Wording {
  readonly templates: Templates
  readonly link: ((notification: Notification) => string | undefined) | undefined
  readonly show: readonly Shown[]
}

/** The message that a notification becomes; the same whenever it is asked for. */
export function render({ templates, link, show }: Wording, notification: Notification, at: Timestamp): Message {
  const { id, to, event, severity, digest, job } = notification
  const kind = digest === undefined ? event : 'digest'
  const href = checkLink(link?.(notification))
  const context: TemplateContext = {
    ...(href !== undefined && { link: href }),
    ...(digest === undefined && { lasted: Math.max(0, at - job.enqueuedAt) }),
    show,
  }
  const template = find(templates, job.name, kind) ?? find(templates, '*', kind) ?? plain
  const words = template(notification, context)
  const subject = cut(oneLine(words.subject), MOST.subject)
  const text = cut(clean(words.text), MOST.text)
  return {
    id,
    to,
    event,
    severity,
    subject,
    text,
    html: words.html !== undefined && words.html.length <= MOST.html ? words.html : htmlOf(text),
    blocks: words.blocks?.slice(0, MOST.blocks) ?? plainBlocks(subject, text, href),
    ...(href !== undefined && { link: href }),
    at,
    notification,
  }
}

function find(templates: Templates, name: string, kind: NotifyEvent | 'digest'): Template | undefined {
  const found = Object.hasOwn(templates, name) ? templates[name] : undefined
  // One for all events knows nothing of digests.
  if (typeof found === 'function') return kind === 'digest' ? undefined : found
  return found?.[kind]
}

function htmlOf(text: string): string {
  return `<p>${escapeHtml(cut(text, MOST.html / 8)).replaceAll('\n', '<br>')}</p>`
}

/** Who makes a link of what a job says must not be able to make a script of it. */
function checkLink(link: string | undefined): string | undefined {
  if (link === undefined) return undefined
  const url = URL.parse(link)
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return url.href
  throw new OptionError('link', 'did not make an http or https URL')
}
