import type { Notification } from '@jobport/core/notify'
import type { Message } from '../src/channel.ts'
import { render } from '../src/words/template.ts'

const AT = Date.UTC(2026, 10, 22, 12)

/** A notification of a dead job, or of whatever `changes` make of it. */
export function sampleNotification(changes: Partial<Notification> = {}): Notification {
  const job = {
    id: 'j1',
    queue: 'videos',
    name: 'video.encode',
    attempt: 2,
    failures: 1,
    crashes: 0,
    headers: { secret: 's3' },
    enqueuedAt: AT - 90_000,
  }
  return {
    id: 'j1:dead:abc',
    event: 'dead',
    severity: 'error',
    to: { user: 'ada' },
    job,
    error: { name: 'TypeError', message: 'no stream', stack: 'TypeError: no stream\n    at secret.ts' },
    ...changes,
  }
}

/** The message that it becomes without templates. */
export function sampleMessage(changes: Partial<Notification> = {}): Message {
  return render({ templates: {}, link: undefined, show: [] }, sampleNotification(changes), AT)
}
