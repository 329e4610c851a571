import type { Drive } from '../drive.ts'
import { expect, until } from '../expectations.ts'
import { overTls } from '../over-tls.ts'

const MESSAGES = 400

interface Accepted {
  readonly status: string
  readonly id: string
}

export const writerProcessor: Drive = {
  name: 'writer-processor',
  profiles: ['writer-processor'],
  builds: ['writer'],
  // Slow enough for a backlog.
  variables: { WORK_MS: '2000', TARGET_RATE: '5', WORK_FAILS_FOR: 'smoke.poison', RETRIES: '1' },

  async run(stack, step) {
    await step('up, with one processor', () => stack.up())
    const gateway = await stack.url('gateway', 8_443, 'https')
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      overTls(`${gateway}${path}`, body, headers)
    const effects = async (): Promise<readonly string[]> => {
      const list =
        'console.log(fs.readdirSync("/data",{recursive:true}).filter((name)=>name.endsWith(".json")).join("\\n"))'
      const found = await stack.compose('exec', '-T', 'writer', 'node', '--eval', list)
      return found
        .trim()
        .split('\n')
        .map((name) => name.split('/').at(-1)!.replace('.json', ''))
    }

    await step('through the gateway: a message, its repetition by key, a wrong one', async () => {
      const message = { topic: 'smoke.single', text: 'hello' }
      const headers = { 'idempotency-key': 'smoke-0001' }
      const first = await post('/messages', message, headers)
      expect(first.status === 202, `answered ${first.status} ${JSON.stringify(first.body)}`)
      const again = await post('/messages', message, headers)
      expect((again.body as Accepted).id === (first.body as Accepted).id, 'the repetition is another message')
      const wrong = await post('/messages', { topic: 'NOT A TOPIC', text: 'hello' })
      expect(wrong.status === 400 && JSON.stringify(wrong.body).includes('topic'), JSON.stringify(wrong.body))
      return JSON.stringify(wrong.body)
    })
    await step('scaled to 3 processors', () => stack.up({ scale: { 'queue-processor': 3 } }))
    const ids = await step(`${MESSAGES} messages in bulks`, async () => {
      const ids: string[] = []
      for (let first = 0; first < MESSAGES; first += 50) {
        const messages = Array.from({ length: 50 }, (_, index) => ({
          topic: 'smoke.bulk',
          text: `no. ${first + index}`,
        }))
        const { status, body } = await post('/messages/bulk', { messages })
        expect(status === 202, `answered ${status} ${JSON.stringify(body)}`)
        ids.push(...(body as { messages: Accepted[] }).messages.map(({ id }) => id))
      }
      return ids
    })
    await step('a processor killed in the middle of them', async () => {
      const victim = await stack.kill('queue-processor')
      const done = new Set(await effects())
      const open = ids.filter((id) => !done.has(id)).length
      expect(open > 0, 'they were all done already')
      return `${victim}, with ${open} messages not done`
    })
    await step('every message had its effect', () =>
      until(
        'the effects',
        async () => {
          const found = new Set(await effects())
          return ids.every((id) => found.has(id)) ? `${ids.length} effects` : undefined
        },
        240,
      ),
    )
    await step('a poison message ends in the dead-letter queue, with its error', async () => {
      await post('/messages', { topic: 'smoke.poison', text: 'never' })
      return until('the dead letter', async () => {
        const listed = await stack.compose(
          'exec',
          '-T',
          'writer',
          'node',
          'dist/main/redrive.js',
          '--dry-run',
          '--json',
        )
        return listed.includes('smoke.poison') ? listed.trim().split('\n').at(-1) : undefined
      })
    })
  },
}
