import { exponential, type Backend, type Duration, type Instrumentation } from '@jobport/core'
import { createNotifier, slackChannel, type Notifier, type Template } from '@jobport/notifier'
import { emailChannel } from '@jobport/notifier/email'
import { sayable } from '../items/item.ts'
import { imageJob, linkJob, videoJob } from '../items/jobs.ts'

export interface MediaNotifierOptions {
  readonly smtp: string
  readonly from: string
  readonly admins: readonly string[]
  readonly slack: { readonly url: string; readonly allow: readonly string[]; readonly allowHttp: boolean } | undefined
  /** Of the page. */
  readonly publicUrl: string
  readonly lease: Duration
  readonly instrumentation?: Instrumentation
}

/** Tells users by mail of what became of their items, and administrators by mail and webhook of what is dead. Many deaths of one kind become a digest. */
export function createMediaNotifier(backend: Backend, options: MediaNotifierOptions): Notifier {
  const { smtp, from, admins, slack, publicUrl, lease, instrumentation } = options
  const adminChannels = slack === undefined ? ['email'] : ['email', 'slack']
  return createNotifier(backend, {
    channels: {
      email: emailChannel({ transport: smtp, from, to: ({ to }) => (to.role === 'admins' ? admins : to.email) }),
      ...(slack !== undefined && { slack: slackChannel(slack) }),
    },
    route: ({ role }) => (role === 'admins' ? adminChannels : 'email'),
    templates: Object.fromEntries(
      [imageJob, videoJob, linkJob].map(({ name }) => [name, { completed: ready, dead: sorry }]),
    ),
    link: ({ job }) => new URL(`#${job.id}`, publicUrl).href,
    storm: {},
    retry: { retries: 15, backoff: exponential({ initial: '1s', max: '30m' }) },
    lease,
    ...(instrumentation !== undefined && { instrumentation }),
  })
}

const ready: Template = ({ job }, { link }) => ({
  subject: `${job.headers.name} is ready`,
  text: `See it at ${link}`,
})

const sorry: Template = ({ to, job, error }, { link }) =>
  to.role === 'admins'
    ? {
        subject: `${job.name} of ${job.headers.name} is dead after ${job.failures + 1} attempts`,
        text: `${error?.message}\njob ${job.id} of ${job.headers.user}, handed in by ${job.headers.application}`,
      }
    : {
        subject: `${job.headers.name} could not be worked on`,
        text: `The reason: ${sayable(error?.name, error?.message)}.\nSee ${link}`,
      }
