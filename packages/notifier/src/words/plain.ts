import type { DescribedError, DigestGroup, Notification, NotifyEvent } from '@jobport/core/notify'
import { cut, escapeHtml, lasting, MOST_OF_A_VALUE } from './text.ts'
import type { TemplateContext, Words } from './template.ts'

const OUTCOMES: Readonly<Record<NotifyEvent, string>> = {
  completed: 'is completed',
  dead: 'has failed for good',
  cancelled: 'was cancelled',
  retrying: 'failed and is tried again',
  stalled: 'had stalled and is tried again',
}

const DEEDS: Readonly<Record<NotifyEvent, string>> = {
  completed: 'completed',
  dead: 'died',
  cancelled: 'were cancelled',
  retrying: 'failed and are tried again',
  stalled: 'stalled',
}

type Fact = readonly [label: string, value: string]

/** What is said where no template fits: plain and complete, but for the input and the result, which are shown only where the notifier's `show` names them. */
export function plain(notification: Notification, context: TemplateContext): Words {
  const { digest } = notification
  if (digest !== undefined) return digestWords(notification, context)
  const { event, job, error } = notification
  const subject = `${job.name} ${OUTCOMES[event]}`
  return words(subject, `Job ${job.id} (${job.name}) ${OUTCOMES[event]}.`, [
    ...factsOf(notification, context),
    ...(error === undefined ? [] : [['Error', causes(error).join('\n')] as const]),
    ...(context.link === undefined ? [] : [['Details', context.link] as const]),
  ])
}

function factsOf({ job, result, input, retryIn }: Notification, { show, lasted }: TemplateContext): readonly Fact[] {
  const { attempt, failures, crashes } = job
  const trouble = [
    ...(failures > 0 ? [`${failures} failed before`] : []),
    ...(crashes > 0 ? [`${crashes} crashed`] : []),
  ]
  return [
    ['Queue', job.queue],
    ['Enqueued', new Date(job.enqueuedAt).toISOString()],
    ['Attempt', trouble.length === 0 ? String(attempt) : `${attempt} (${trouble.join(', ')})`],
    ...(lasted === undefined ? [] : [['Duration', lasting(lasted)] as const]),
    ...(retryIn === undefined ? [] : [['Next attempt', `in ${lasting(retryIn)}`] as const]),
    ...(input !== undefined && show.includes('input') ? [['Input', shown(input)] as const] : []),
    ...(result !== undefined && show.includes('result') ? [['Result', shown(result)] as const] : []),
  ]
}

function digestWords({ digest }: Notification, { link }: TemplateContext): Words {
  const { count, window, groups, since, until } = digest!
  const within = lasting(window)
  const [first, ...others] = groups.map(deed)
  const subject =
    others.length === 0 ? `${first} in ${within}` : `${count} more in ${within}: ${[first, ...others].join(', ')}`
  return words(subject, `These were not told one by one. They happened from ${time(since)} to ${time(until)}.`, [
    ...groups.map(({ error, jobs, ...group }): Fact => [
      deed(group),
      [...(error === undefined ? [] : [line(error)]), `such as ${jobs.join(', ')}`].join('\n'),
    ]),
    ...(link === undefined ? [] : [['Details', link] as const]),
  ])
}

function deed({ name, event, count }: Pick<DigestGroup, 'name' | 'event' | 'count'>): string {
  const [jobs, done] = count === 1 ? ['job', DEEDS[event].replace(/^(are|were) /, 'was ')] : ['jobs', DEEDS[event]]
  return `${count} more ${jobs} of ${name} ${done}`
}

function words(subject: string, opening: string, facts: readonly Fact[]): Words {
  const text = facts.map(([label, value]) =>
    value.includes('\n') ? `${label}:\n  ${value.replaceAll('\n', '\n  ')}` : `${label}: ${value}`,
  )
  const rows = facts.map(([label, value]) => {
    const cell =
      label === 'Details'
        ? `<a href="${escapeHtml(value)}">${escapeHtml(value)}</a>`
        : escapeHtml(value).replaceAll('\n', '<br>')
    return `<tr><th align="left" valign="top">${escapeHtml(label)}</th><td>${cell}</td></tr>`
  })
  return {
    subject,
    text: [opening, ...text].join('\n'),
    html: `<p>${escapeHtml(opening)}</p><table cellpadding="4">${rows.join('')}</table>`,
  }
}

function causes(error: DescribedError): readonly string[] {
  return error.cause === undefined ? [line(error)] : [line(error), ...causes(error.cause)]
}

function line({ name, message }: Pick<DescribedError, 'name' | 'message'>): string {
  return `${name}: ${cut(message, MOST_OF_A_VALUE)}`
}

function shown(value: unknown): string {
  return cut(JSON.stringify(value), MOST_OF_A_VALUE)
}

function time(at: number): string {
  return new Date(at).toISOString()
}
