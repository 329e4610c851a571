// Claims and completes until it is killed, and says how each settlement was answered. Each completion has a follower.
import { sqliteBackend } from '../../src/index.ts'
import { say } from './say.ts'

const [file = '', lease = '500', follow = 'yes'] = process.argv.slice(2)
const backend = sqliteBackend({ file })
const { signal } = new AbortController()
await backend.open()
say('open', process.pid)
for (;;) {
  const jobs = await backend.claim({ queue: 'work', limit: 5, lease: Number(lease), wait: 60_000 }, signal)
  const answers = await backend.settle(
    jobs.map(({ lease }) => ({
      lease,
      to: 'completed',
      keep: 3_600_000,
      result: JSON.stringify(lease.token),
      ...(follow === 'yes' && {
        then: [{ id: `after-${lease.id}`, queue: 'after', name: 'after', payload: '1', headers: {} }],
      }),
    })),
  )
  say(
    'settled',
    jobs.map(({ lease }, index) => [lease.id, lease.token, answers[index]]),
  )
}
