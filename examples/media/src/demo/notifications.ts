import { exponential, type Backend } from '@jobport/core'
import { createNotifier, fileChannel, type Channel, type Notifier, type Template } from '@jobport/notifier'
import { LEASE, MAX_CRASHES } from './processor.ts'
import type { Run } from './run/run-folder.ts'

/** Tells users of their results, and administrators of what died: the former in a file, the latter in a file and at once on the terminal. */
export function createMediaNotifier(backend: Backend, { outbox }: Run, tell: (line: string) => void): Notifier {
  const terminal: Channel = { deliver: ({ subject, text }) => tell(`${subject}: ${text}`) }
  return createNotifier(backend, {
    channels: { users: fileChannel({ file: outbox.users }), admins: fileChannel({ file: outbox.admins }), terminal },
    route: ({ role }) => (role === 'admins' ? ['admins', 'terminal'] : 'users'),
    templates: {
      'media.thumbnail': { completed: ready('thumbnail'), dead: sorry('thumbnail') },
      'media.encode': { completed: ready('video'), dead: sorry('video') },
      'media.poster': { completed: ready('poster frame'), dead: sorry('poster frame') },
    },
    retry: { retries: 10, backoff: exponential({ initial: '100ms', max: '2s' }) },
    lease: LEASE,
    maxCrashes: MAX_CRASHES,
    keep: '30d',
  })
}

function ready(what: string): Template {
  return ({ job, result }) => ({
    subject: `Your ${what} of ${job.headers.name} is ready`,
    text: (result as { readonly file: string }).file,
  })
}

function sorry(what: string): Template {
  return ({ to, job, error }) =>
    to.role === 'admins'
      ? {
          subject: `${job.name} of ${job.headers.name} is dead after ${job.failures + 1} attempts`,
          text: oneLine(error?.message),
        }
      : {
          subject: `There is no ${what} of ${job.headers.name}`,
          text: `The file may be damaged; please hand it in again. (${oneLine(error?.message)})`,
        }
}

function oneLine(text = ''): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}
