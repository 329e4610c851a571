// A worker or a sender, until it is asked to end or killed.
import { randomUUID } from 'node:crypto'
import { createQueue, createWorker, fixed, handle, Unrecoverable } from '@jobport/core'
import { notificationJob, type Notification } from '@jobport/core/notify'
import { createNotifier, webhookChannel, type Channel } from '@jobport/notifier'
import { connect } from '../server/endpoint.ts'
import { announced, LEASE, type Role } from './plan.ts'

// Without whoever started it, it has nothing to do.
process.on('disconnect', () => process.exit(1))

const { role, endpoint, url, secret, mutant } = JSON.parse(process.argv[2]!) as Role
const backend = await connect(endpoint)
const options = { lease: LEASE, maxCrashes: 1_000, concurrency: 20 } as const
const program = role === 'worker' ? worker() : sender()
program.on('error', () => {})
await program.start()
process.send?.({ type: 'ready' })
await program.run({ grace: '2s' })
process.exit(0)

function worker() {
  const queue = createQueue(backend)
  const handler = handle(announced, async ({ fate }, { job: { id, attempt, headers, enqueuedAt } }) => {
    if (mutant === 'notifies-before-it-settles') {
      const event = fate === 'completes' ? 'completed' : 'dead'
      const job = { id, queue: 'announced', name: 'announced', attempt, failures: 0, crashes: 0, headers, enqueuedAt }
      const notification: Notification = { id: `${id}:${event}:x`, event, severity: 'info', to: { user: id }, job }
      await queue.enqueue(notificationJob, notification, { id: notification.id })
    }
    if (fate === 'dies') throw new Unrecoverable('on purpose')
    if (fate === 'zombie' && attempt === 1) {
      // As a process that is stopped: no timer of its own tells it that its lease is over.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.7 * LEASE)
      throw new Unrecoverable('too late')
    }
    return { attempt }
  })
  const working = createWorker(backend, [handler], options)
  working.on('lost', ({ id }) => process.send?.({ type: 'lost', id }))
  return working
}

function sender() {
  const webhook = webhookChannel({ endpoint: { url, secret }, allow: ['127.0.0.1'], allowHttp: true })
  const notifier = createNotifier(backend, {
    ...options,
    channels: { webhook: broken(webhook) },
    retry: { retries: 40, backoff: fixed(50) },
    keep: '6h',
  })
  // The judge tells of it.
  return notifier.on('undeliverable', () => {})
}

function broken(channel: Channel): Channel {
  if (mutant === 'new-id-each-time') {
    return {
      ...channel,
      deliver: (message, context) => channel.deliver({ ...message, id: `${message.id}:${randomUUID()}` }, context),
    }
  }
  if (mutant === 'forgets-failures') {
    return {
      deliver: async (message, context) => {
        await Promise.resolve(channel.deliver(message, context)).catch(() => {})
      },
    }
  }
  if (mutant === 'unsigned')
    return webhookChannel({
      endpoint: { url, secret: `whsec_${'A'.repeat(43)}=` },
      allow: ['127.0.0.1'],
      allowHttp: true,
    })
  return channel
}
