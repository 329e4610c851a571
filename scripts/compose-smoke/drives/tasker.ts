import type { Drive } from '../drive.ts'
import { expect, json, until } from '../expectations.ts'

const REQUESTS = 240
const HEADERS = ['-H', 'Accept: application/json', '-H', 'Content-Type: application/json']

interface Accepted {
  readonly success: boolean
  readonly rid: string
  readonly cached?: boolean
}
type Requests = Readonly<
  Record<string, { readonly state?: string; readonly status?: string; readonly result?: unknown }>
>

export const tasker: Drive = {
  name: 'tasker',
  profiles: ['tasker'],
  builds: ['api'],

  async run(stack, step) {
    await step('up, with one controller', () => stack.up())
    const base = await stack.url('api', 5_000)
    const inside = (method: string, path: string, body?: object) =>
      stack.compose(
        'exec',
        '-T',
        'api',
        'curl',
        '-is',
        '-X',
        method,
        ...HEADERS,
        ...(body === undefined ? [] : ['-d', JSON.stringify(body)]),
        `http://localhost:5000${path}`,
      )
    const processes = async () => (await json<Record<string, string>>(`${base}/get_processes_status`)).body

    await step('the calls of its users, by curl from inside the container', async () => {
      await until('every process to be well', async () =>
        JSON.stringify(await processes()).split('active').length === 5 ? true : undefined,
      )
      const calls: readonly (readonly [string, string, object?])[] = [
        ['GET', '/get_processes_status'],
        ['GET', '/get_requests_status', { client_name: 'sh' }],
        ['POST', '/process', { task: 'mult3', client_name: 'sh', params: { first: 1, second: 2, third: -1 } }],
        ['POST', '/process', { task: 'sum2', client_name: 'sh', params: { first: 1, second: 2 } }],
        ['POST', '/process', { task: 'surprise', client_name: 'sg', params: { first: 1 } }],
        ['POST', '/set_processes_status', { mult3: 'suspended' }],
      ]
      for (const call of calls) {
        const answer = await inside(...call)
        expect(answer.startsWith('HTTP/1.1 200 '), answer)
      }
      await inside('POST', '/set_processes_status', { mult3: 'active' })
    })
    await step('the same from the host', async () => {
      expect((await processes())['mult3'] === 'active', JSON.stringify(await processes()))
      const wrong = await json(`${base}/process`, {
        body: { task: 'sum2', client_name: 'sh', params: { first: 'x', second: 2 } },
      })
      expect(wrong.status === 400, `wrong parameters were answered ${wrong.status}`)
    })

    await step('scaled to 3 controllers', () => stack.up({ scale: { controller: 3 } }))
    const rids = await step(`${REQUESTS} requests; a controller killed in the middle`, async () => {
      const rids: string[] = []
      let killed: Promise<string> | undefined
      for (let index = 0; index < REQUESTS; index++) {
        // Requests go on while it dies.
        if (index === 20) killed = stack.kill('controller')
        const body = { task: 'sum2', client_name: 'smoke', params: { first: index, second: 1_000 } }
        const answer = await json<Accepted>(`${base}/process`, { body })
        expect(answer.body.success && typeof answer.body.rid === 'string', JSON.stringify(answer.body))
        rids.push(answer.body.rid)
      }
      await killed
      return rids
    })
    await step('every request has its result', async () => {
      expect(new Set(rids).size === REQUESTS, 'two requests share an id')
      return until('the results', async () => {
        const { body } = await json<Requests>(`${base}/get_requests_status?client_name=smoke`)
        const results = rids.map((rid) => JSON.stringify(body[rid] ?? {}))
        return results.every((each, index) => each.includes(`${index + 1_000}`))
          ? `${results.length}, such as ${results[0]}`
          : undefined
      })
    })
    await step('asked again, the answer comes at once', async () => {
      const body = { task: 'sum2', client_name: 'smoke', params: { first: 0, second: 1_000 } }
      const answer = await json<Accepted>(`${base}/process`, { body })
      expect(answer.body.cached === true, JSON.stringify(answer.body))
    })
    await step('a task that is suspended accepts nothing, until it is active again', async () => {
      const body = { task: 'mult3', client_name: 'smoke', params: { first: 1, second: 2, third: 3 } }
      await json(`${base}/set_processes_status`, { body: { mult3: 'suspended' } })
      expect((await json(`${base}/process`, { body })).status >= 400, 'it accepted work')
      await json(`${base}/set_processes_status`, { body: { mult3: 'active' } })
      expect((await json(`${base}/process`, { body })).status < 300, 'it accepts no work')
    })
  },
}
