import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { curl, eventually, PATIENT, Stage } from './stage.ts'

const RID = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)

const stage = new Stage()
beforeAll(async () => {
  await Promise.all([stage.start('api'), stage.start('controller')])
  // Its first heartbeat may be on its way when it serves.
  await eventually(async () => {
    if (Object.values(await stage.statuses()).includes('error')) throw new Error('it has not arrived')
  })
}, PATIENT)
afterAll(() => stage[Symbol.asyncDispose]())

/** In a shell, on this API instead of the one in the container. */
async function type(line: string): Promise<{ readonly head: string; readonly body: any }> {
  const command = line.replace('docker-compose exec api ', '').replace('http://localhost:5000', stage.url)
  const { stdout } = await promisify(execFile)('sh', ['-c', command])
  const [head = '', body = ''] = stdout.split('\r\n\r\n')
  return { head, body: JSON.parse(body) }
}

describe('the lines of the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const lines = readme.split('\n').filter((line) => line.startsWith('docker-compose exec api curl '))

  it.each([
    [0, { api: 'active', sum2: 'active', mult3: 'active', surprise: 'active' }],
    [1, {}],
    [2, { success: true, rid: RID }],
    [3, { success: true, rid: RID }],
    [4, { success: true, rid: RID }],
    [5, { mult3: { success: true, status: 'suspended' } }],
  ])('line %i works as it stands', async (index, expected) => {
    const { head, body } = await type(lines[index]!)
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(head).toContain('content-type: application/json')
    expect(body).toEqual(expected)
  })

  it('are all here', () => {
    expect(lines).toHaveLength(6)
  })

  it('leave behind what they asked for, by client', async () => {
    await stage.ask('POST', '/set_processes_status', { mult3: 'active' })
    const rids = Object.keys(await stage.requests('sh'))
    await Promise.all(rids.map((rid) => stage.becomes(rid, 'completed', 'sh')))
    const shape = { cached: false, requested_at: expect.stringMatching(/^20.*Z$/), state: 'completed' }
    expect(Object.values(await stage.requests('sh'))).toEqual([
      { ...shape, task: 'mult3', params: { first: 1, second: 2, third: -1 }, result: -2 },
      { ...shape, task: 'sum2', params: { first: 1, second: 2 }, result: 3 },
    ])
    const [song] = Object.values(await stage.requests('sg'))
    expect(song).toMatchObject({
      task: 'surprise',
      state: 'completed',
      result: { melody: expect.stringMatching(/^▁▁▅▅▆▆▅ /) },
    })
  })
})

describe('a request', () => {
  const sum = { task: 'sum2', client_name: 'test', params: { first: 1, second: 2 } }

  it.each([
    [
      'unknown task',
      { ...sum, task: 'divide' },
      'body.task',
      /there is no task "divide"; there are sum2, mult3, surprise/,
    ],
    ['missing task', { client_name: 'test', params: {} }, 'body.task', /is missing; there are sum2/],
    ['missing param', { ...sum, params: { first: 1 } }, 'body.params.second', /body.params.second: /],
    ['param of another type', { ...sum, params: { first: 1, second: '2' } }, 'body.params.second', /number/],
    ['param too many', { ...sum, params: { first: 1, second: 2, third: 3 } }, 'body.params', /third/],
    ['missing params', { task: 'sum2', client_name: 'test' }, 'body.params', /body.params: /],
    ['missing client', { task: 'sum2', params: { first: 1, second: 2 } }, 'body.client_name', /body.client_name: /],
    ['client that no database holds', { ...sum, client_name: 'a\0b' }, 'body.client_name', /NUL/],
    ['list for a body', [sum], 'body', /must be a JSON object/],
  ])('with %s is refused, and told what', async (_, body, field, message) => {
    const { status, body: answer } = await stage.ask('POST', '/process', body)
    expect({ status, answer }).toEqual({
      status: 400,
      answer: {
        success: false,
        error: { code: 'invalid', field, message: expect.stringMatching(message), requestId: expect.any(String) },
      },
    })
  })

  it.each(['{"task":', 'task=sum2', ''])('whose body is %j is told that it is not JSON', async (data) => {
    const asked = await curl('-X', 'POST', '-H', 'Content-Type: application/json', '-d', data, `${stage.url}/process`)
    expect(asked).toMatchObject({ status: 400, body: { success: false, error: { message: /JSON/ } } })
  })

  it('that does not say that it is JSON is read as JSON all the same', async () => {
    const data = JSON.stringify(sum)
    expect(await curl('-d', data, `${stage.url}/process`)).toMatchObject({ status: 200, body: { success: true } })
    expect(await curl('-H', 'Content-Type:', '-d', data, `${stage.url}/process`)).toMatchObject({ status: 200 })
    expect(await curl('-d', 'task=sum2', `${stage.url}/process`)).toMatchObject({
      status: 400,
      body: { error: { code: 'not-json' } },
    })
  })

  it('whose task has no answer fails, and says why', async () => {
    const { rid } = await stage.process('mult3', { first: 1e200, second: 1e200, third: 1 })
    expect(await stage.becomes(rid, 'failed')).toMatchObject({ error: 'the result is larger than a number can be' })
  })
})

describe('the status of requests', () => {
  it('is told by query, by a body of GET, and by POST, for one client alone', async () => {
    const { rid } = await stage.process('sum2', { first: 20, second: 22 }, 'ada & co')
    const known = await stage.becomes(rid, 'completed', 'ada & co')
    expect(await curl(`${stage.url}/get_requests_status?client_name=ada+%26+co`)).toEqual({
      status: 200,
      body: { [rid]: known },
    })
    expect(await stage.ask('POST', '/get_requests_status', { client_name: 'ada & co' })).toMatchObject({
      body: { [rid]: known },
    })
    expect(await stage.requests('nobody')).toEqual({})
  })

  it.each([
    [undefined, 'client_name'],
    [{}, 'client_name'],
    [{ client_name: '' }, 'body.client_name'],
    [{ client_name: 7 }, 'body.client_name'],
  ])('needs a client: %j', async (body, field) => {
    expect(await stage.ask('GET', '/get_requests_status', body)).toMatchObject({
      status: 400,
      body: { success: false, error: { field, message: expect.stringContaining('client_name') } },
    })
  })

  it('of a body that is not JSON is none', async () => {
    expect(await curl('-X', 'GET', '-d', 'client_name=sh', `${stage.url}/get_requests_status`)).toMatchObject({
      status: 400,
      body: { success: false, error: { code: 'not-json' } },
    })
  })
})

describe('the status of processes', () => {
  it.each(['GET', 'POST'] as const)(
    'is set by %s: each by itself, those that do not exist get an error',
    async (method) => {
      const wanted = { surprise: 'suspended', divide: 'suspended', sum2: 'queue' }
      expect(await stage.ask(method, '/set_processes_status', wanted)).toEqual({
        status: 200,
        body: {
          surprise: { success: true, status: 'suspended' },
          divide: { success: false, error: 'there is no process divide; there are api, sum2, mult3, surprise' },
          sum2: { success: false, error: '"queue" cannot be set; give "suspended" or "active"' },
        },
      })
      expect(await stage.statuses()).toMatchObject({ surprise: 'suspended', sum2: 'active' })
      await stage.ask(method, '/set_processes_status', { surprise: 'active' })
      expect(await stage.statuses()).toMatchObject({ surprise: 'active' })
    },
  )

  it.each([{ divide: 'active' }, {}, ['mult3']])('cannot be set by %j', async (wanted) => {
    expect(await stage.ask('POST', '/set_processes_status', wanted)).toMatchObject({ status: 400 })
  })
})

it('is described as OpenAPI', async () => {
  const { body } = await curl(`${stage.url}/openapi.json`)
  expect(Object.keys(body.paths)).toEqual([
    '/process',
    '/get_requests_status',
    '/get_processes_status',
    '/set_processes_status',
  ])
  expect(JSON.stringify(body.paths['/process'])).toContain('mult3')
})
