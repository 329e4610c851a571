import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateQueueCommand } from '@aws-sdk/client-sqs'
import { S3 } from '@aws-sdk/client-s3'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock, type ClaimedJob, type Clock } from '@jobport/core/adapter'
import { fileBlobs, s3Blobs, sqsBackend, type BlobStore } from '../src/index.ts'
import { disguise, isSafe, undisguise } from '../src/message/text.ts'
import { refusal } from './fault-layer.ts'
import { plainClient, reach, serverUrl } from './server.ts'
import { job, jobs, QUEUE, stage } from './stage.ts'

const KEEP = 60_000
const done = ({ lease }: ClaimedJob) => ({ lease, to: 'completed', keep: KEEP }) as const

test('a dead job is in the dead-letter queue with its error, and can be sent back to work', async () => {
  const { backend, claim, dead } = await stage()
  const given = job({ headers: { traceparent: '00-1-2-01', 'x-user': 'ü' }, policy: '{"retries":1}' })
  await backend.enqueue([given])
  const [first] = await claim()
  await backend.settle([{ lease: first!.lease, to: 'waiting', delay: 0, counts: 'failure', error: '"no"' }])
  const [second] = await claim()
  expect(second).toMatchObject({ attempt: 2, failures: 1 })
  const error = '{"message":"dead 😀"}'
  expect(await backend.settle([{ lease: second!.lease, to: 'dead', error, keep: KEEP }])).toEqual(['applied'])
  expect(await claim()).toEqual([])
  const [message] = await dead()
  expect(JSON.parse(message!.MessageAttributes!['jobport-error']!.StringValue!)).toEqual(JSON.parse(error))
  expect(await backend.redrive(QUEUE)).toBe(1)
  expect(await dead()).toEqual([])
  const [again] = await claim()
  expect(again).toMatchObject({ attempt: 1, failures: 0, redrives: 1, headers: given.headers, policy: given.policy })
  expect(again!.lease.id).toBe(given.id)
})

test('redriving stops at its limit, on FIFO queues too', async () => {
  const { backend, claim, dead } = await stage({ fifo: true })
  await backend.enqueue([job({ group: 'a' }), job({ group: 'b' }), job()])
  const taken = [...(await claim(10)), ...(await claim(10)), ...(await claim(10))]
  await backend.settle(taken.map(({ lease }) => ({ lease, to: 'dead', error: '"no"', keep: KEEP })))
  expect(await backend.redrive(QUEUE, { limit: 2 })).toBe(2)
  expect(await dead()).toHaveLength(1)
  const back = [...(await claim(10)), ...(await claim(10))]
  expect(back.map(({ redrives }) => redrives)).toEqual([1, 1])
})

test('redriving ends when it is aborted, and tells how far it came', async () => {
  const { backend, claim, dead, layer } = await stage()
  await backend.enqueue(jobs(15))
  const taken = await claim(15)
  await backend.settle(taken.map(({ lease }) => ({ lease, to: 'dead', error: '"no"', keep: KEEP })))
  const abort = new AbortController()
  layer.fault = async ({ action }, pass) => {
    if (action === 'ReceiveMessage') abort.abort()
    return pass()
  }
  expect(await backend.redrive(QUEUE, { signal: abort.signal })).toBe(10)
  layer.fault = (_, pass) => pass()
  expect(await dead()).toHaveLength(5)
  await expect(backend.redrive(QUEUE, { limit: 0 })).rejects.toMatchObject({ name: 'OptionError', option: 'limit' })
})

test('an unreadable message goes to the dead-letter queue at once, once, and holds up nobody', async () => {
  const { backend, claim, dead, layer, sendRaw, warnings } = await stage()
  await backend.enqueue([job()])
  for (const body of [
    'no json',
    '{"jobport":{"v":9,"id":"a","name":"b"},\n"payload":1}',
    '{"jobport":{"v":1},\n"payload":1}',
  ])
    await sendRaw(body)
  expect(await claim(10)).toHaveLength(1)
  await expect.poll(() => layer.of('DeleteMessageBatch').length).toBe(3)
  expect(await dead()).toHaveLength(3)
  expect(await claim(10)).toEqual([])
  await expect.poll(() => warnings.length).toBe(3)
  const [message] = await dead()
  expect(JSON.parse(message!.MessageAttributes!['jobport-error']!.StringValue!)).toMatchObject({
    name: 'UnreadableMessageError',
  })
})

test('a decoder makes jobs of what other programs send', async () => {
  const { backend, claim, dead, sendRaw } = await stage({
    decode: ({ body, attributes, queue }) =>
      body === 'bad'
        ? undefined
        : { name: attributes['kind']!.StringValue!, input: { body, queue }, headers: { from: 'cli' } },
  })
  await backend.enqueue([job()])
  await backend.settle((await claim()).map(done))
  await sendRaw('hello', { kind: 'greet' })
  await sendRaw('bad', { kind: 'greet' })
  const [taken] = await claim(10)
  expect(taken).toMatchObject({ name: 'greet', payload: '{"body":"hello","queue":"work"}', headers: { from: 'cli' } })
  expect(await backend.settle([done(taken!)])).toEqual(['applied'])
  await expect.poll(async () => (await dead()).length).toBe(1)
})

test('a job that ends without a word each time is moved away by SQS after maxReceives', async () => {
  const { backend, claim, dead } = await stage({ maxReceives: 2 })
  await backend.enqueue([job()])
  await claim(1, 0, 1_000)
  await claim(1, 10_000, 1_000)
  await expect.poll(async () => (await claim(1)).length + (await dead()).length).toBe(1)
  expect(await dead()).toHaveLength(1)
})

test('a job that kills each worker holds up its FIFO group no longer than maxReceives claims', async () => {
  const { backend, claim, dead } = await stage({ fifo: true, maxReceives: 2 })
  const [poison, next] = jobs(2, { group: 'g' })
  await backend.enqueue([poison!, next!])
  for (const attempt of [1, 2])
    expect(await claim(1, 10_000, 1_000)).toMatchObject([{ lease: { id: poison!.id }, attempt }])
  expect(await claim(1, 20_000)).toMatchObject([{ lease: { id: next!.id }, attempt: 1 }])
  expect(await dead()).toHaveLength(1)
})

test('a release costs no failure, and counts go on', async () => {
  const { backend, claim } = await stage()
  const given = job()
  await backend.enqueue([given])
  const [first] = await claim()
  await backend.settle([{ lease: first!.lease, to: 'waiting', delay: 0, counts: 'nothing' }])
  const [second] = await claim(1, 5_000)
  await backend.settle([{ lease: second!.lease, to: 'waiting', delay: 0, counts: 'failure' }])
  const [third] = await claim(1, 5_000)
  await backend.settle([{ lease: third!.lease, to: 'waiting', delay: 0, counts: 'nothing' }])
  const [fourth] = await claim(1, 5_000)
  expect([second, third, fourth].map((held) => [held!.attempt, held!.failures])).toEqual([
    [2, 0],
    [3, 1],
    [4, 1],
  ])
  expect(fourth!.enqueuedAt).toBe(first!.enqueuedAt)
  expect(fourth!.payload).toBe(given.payload)
})

test('trace context travels as attributes of the message', async () => {
  const { backend, claim, layer } = await stage()
  const headers = { traceparent: '00-a-b-01', tracestate: 'x=1', other: 'y' }
  await backend.enqueue([job({ headers })])
  const [entry] = layer.of('SendMessageBatch')[0]!.input.Entries
  expect(entry.MessageAttributes.traceparent).toEqual({ DataType: 'String', StringValue: '00-a-b-01' })
  expect(JSON.parse(entry.MessageBody).jobport.headers).toEqual({ other: 'y' })
  expect((await claim())[0]!.headers).toEqual(headers)
})

test.each(['"😀"', '"\\ud83d\\ude00 😀 \uffff"', '{"a":"\\\\u0001\\\\ud800"}', '"\\uFFFF \ufffe"', '"\u0085\u007f"'])(
  'a body that is safe for SQS gives back %s',
  (json) => {
    if (isSafe(json)) return
    const [how, text] = disguise(json)
    expect(isSafe(text)).toBe(true)
    expect(undisguise(text, how)).toBe(json)
  },
)

const LONG = JSON.stringify('é'.repeat(700_000))

async function withFolder(): Promise<{ readonly store: BlobStore; files(): Promise<readonly string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'jobport-blobs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return { store: fileBlobs(folder), files: () => readdir(join(folder, QUEUE)) }
}

test('a payload that is too long for a message is refused without a blob store, and checked in with one', async () => {
  const bare = await stage()
  expect(await bare.backend.enqueue([job({ payload: LONG })])).toMatchObject([
    { status: 'refused', error: { code: 'too-large' } },
  ])
  expect(bare.layer.of('SendMessageBatch')).toHaveLength(0)
  const { store, files } = await withFolder()
  const { backend, claim, dead } = await stage({ blobs: store })
  await backend.enqueue([job({ payload: LONG }), job({ payload: LONG })])
  const taken = await claim(10)
  expect(taken.map(({ payload }) => payload === LONG)).toEqual([true, true])
  const died = { lease: taken[1]!.lease, to: 'dead', error: '"no"', keep: KEEP } as const
  await backend.settle([done(taken[0]!), died])
  // That of the dead one stays for who looks into it.
  await expect.poll(async () => (await files()).length).toBe(1)
  expect(await dead()).toHaveLength(1)
  await backend.redrive(QUEUE)
  const [again] = await claim()
  expect(again!.payload).toBe(LONG)
})

test('a payload whose blob is gone makes an unreadable message', async () => {
  const { store } = await withFolder()
  const { backend, claim, dead } = await stage({ blobs: { ...store, get: async () => undefined } })
  await backend.enqueue([job({ payload: LONG })])
  expect(await claim()).toEqual([])
  await expect.poll(async () => (await dead()).length).toBe(1)
})

test('a blob store that is away holds up the jobs that need it and no others, and loses none', async () => {
  const { store } = await withFolder()
  let times = 2
  const get: BlobStore['get'] = async (key) => {
    if (times-- > 0) throw new Error('no route to the store')
    return store.get(key)
  }
  const { backend, claim, dead, layer, warnings } = await stage({ blobs: { ...store, get } })
  const [long, short] = [job({ payload: LONG }), job()]
  await backend.enqueue([long, short])
  expect((await claim()).map(({ lease }) => lease.id)).toEqual([short.id])
  await expect.poll(() => warnings.join()).toMatch(/no route to the store.*comes again in 2 s/)
  const [again] = await claim(1, 20_000)
  expect([again!.lease.id, again!.payload === LONG, again!.attempt]).toEqual([long.id, true, 3])
  const pauses = layer.of('ChangeMessageVisibilityBatch').map(({ input }) => input.Entries[0].VisibilityTimeout)
  expect(pauses).toEqual([2, 4])
  expect(await dead()).toEqual([])
})

test('a blob store that takes no payload now costs the jobs that need it and no others', async () => {
  const { store } = await withFolder()
  const blobs = { ...store, put: () => Promise.reject(new Error('no route to the store')) }
  const { backend, claim } = await stage({ blobs })
  const given = [job({ payload: LONG }), job()]
  expect(await backend.enqueue(given)).toMatchObject([
    { status: 'refused', error: { code: 'unavailable', outcome: 'none', retryable: true } },
    { status: 'enqueued' },
  ])
  expect((await claim()).map(({ lease }) => lease.id)).toEqual([given[1]!.id])
})

test.each([
  ['a promise', async () => ({ name: 'late', input: 1 })],
  ['no name', () => ({ input: 1 })],
  ['a header that is a number', () => ({ name: 'n', input: 1, headers: { size: 3 } })],
  ['an input that is a function', () => ({ name: 'n', input: () => {} })],
])('a decoder that gives %s makes an unreadable message', async (_, decode) => {
  const { backend, claim, dead, sendRaw } = await stage({ decode: decode as never })
  await backend.enqueue([job()])
  await sendRaw('foreign')
  expect(await claim()).toHaveLength(1)
  await expect.poll(async () => (await dead()).length).toBe(1)
})

test('blobs in S3', async () => {
  const { region, credentials } = reach()
  const client = new S3({ region, credentials, endpoint: serverUrl(), forcePathStyle: true } as never)
  onTestFinished(() => client.destroy())
  await client.createBucket({ Bucket: 'jobport-blobs' })
  const store = s3Blobs(client, { bucket: 'jobport-blobs', prefix: 'p/' })
  await store.put('a/b', 'text ü')
  expect(await store.get('a/b')).toBe('text ü')
  await store.delete('a/b')
  await store.delete('a/b')
  expect(await store.get('a/b')).toBeUndefined()
})

test.each([
  [{}, { fifo: false }, /has no dead-letter queue/],
  [{ FifoQueue: 'true' }, { fifo: false }, /is a FIFO queue/],
  [{ policy: 3 }, { maxReceives: 10 }, /gives up on a job after 3 claims/],
  [{ policy: 20, MessageRetentionPeriod: '3600' }, {}, /drops jobs after 3600 s/],
  [{ policy: 20, VisibilityTimeout: '30' }, { visibility: '5m' }, /shows a job again after 30 s/],
] as const)('open refuses a queue with %j', async (attributes, options, message) => {
  const client = plainClient()
  onTestFinished(() => client.destroy())
  const name = `check-${Math.random().toString(36).slice(2)}`
  const { policy, ...rest } = attributes as { policy?: number } & Record<string, string>
  await client.send(new CreateQueueCommand({ QueueName: `${name}-dead` }))
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${name}-dead`,
    maxReceiveCount: policy,
  })
  const QueueName = 'FifoQueue' in rest ? `${name}.fifo` : name
  const Attributes = { ...rest, ...(policy !== undefined && { RedrivePolicy }) }
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName, Attributes }))
  const backend = sqsBackend({ sqs: reach(), urls: { work: QueueUrl! }, queues: ['work'], ...options })
  await expect(backend.open()).rejects.toMatchObject({ code: 'unsupported', message: expect.stringMatching(message) })
})

test('open names a queue that is missing', async () => {
  const backend = sqsBackend({ sqs: reach(), prefix: 'none-', queues: ['work'] })
  await expect(backend.open()).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('none-work'),
  })
})

test('twelve hours after it was received a job cannot be held on to, and a longer retry ends then', async () => {
  let passed = 0
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + passed }
  const { backend, claim, layer } = await stage({}, clock)
  await backend.enqueue([job(), job()])
  const leases = (await claim(2, 0, 3_600_000)).map(({ lease }) => lease)
  for (let hour = 0; hour < 11; hour++) {
    passed += 3_500_000
    expect(await backend.extend(leases, 3_600_000)).toEqual(['applied', 'applied'])
  }
  passed += 3_500_000
  expect(await backend.extend(leases, 3_600_000), 'it would last beyond the end').toEqual(['lost', 'lost'])
  const [first] = leases
  await backend.settle([{ lease: first!, to: 'waiting', delay: 7_200_000, counts: 'failure' }])
  const { VisibilityTimeout } = layer.of('ChangeMessageVisibilityBatch').at(-1)!.input.Entries[0]
  expect(VisibilityTimeout).toBeLessThan(43_200 - 12 * 3_500)
  expect(VisibilityTimeout).toBeGreaterThan(43_200 - 12 * 3_500 - 120)
})

test('signs as the SDK does', async () => {
  const { Signer } = await import('../src/client/signature.ts')
  const client = plainClient()
  onTestFinished(() => client.destroy())
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' }
  const date = new Date('2026-11-22T10:11:12Z')
  const body = '{"QueueUrl":"ü"}'
  const ours = new Signer().sign(
    body,
    'sqs.eu-west-1.amazonaws.com',
    'AmazonSQS.ReceiveMessage',
    'eu-west-1',
    credentials,
    date.getTime(),
  )
  const { authorization, 'content-length': length, ...headers } = ours
  const theirs = plainClient()
  theirs.config.credentials = async () => credentials
  const signer = await theirs.config.signer({
    name: 'sigv4',
    signingName: 'sqs',
    signingRegion: 'eu-west-1',
    properties: {},
  })
  const { 'x-amz-date': _, 'x-amz-security-token': __, ...unsigned } = headers
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: headers['host']!,
    path: '/',
    query: {},
    headers: unsigned,
    body,
  }
  const signed = (await signer.sign(request, {
    signingDate: date,
    signingRegion: 'eu-west-1',
    signingService: 'sqs',
    unsignableHeaders: new Set(['x-amz-content-sha256']),
  })) as unknown as typeof request
  const inOurs = new Map(Object.entries(signed.headers as Record<string, string>))
  expect(length).toBe('17')
  expect(authorization).toBe(inOurs.get('authorization'))
})

test('health is told by a queue in use, also where its URL is none that a parser takes', async () => {
  // The emulator's are so: http://sqs.us-east-1.127.0.0.1:4566/000000000000/work
  const { backend } = await stage()
  await backend.enqueue([job()])
  expect(await backend.health()).toMatchObject({ reachable: true, warnings: [] })
})

test('health asks for nothing that the rights of a producer do not cover', async () => {
  const { backend, layer, prefix } = await stage()
  expect(await backend.health()).toMatchObject({ reachable: true, warnings: [] })
  expect(layer.requests).toHaveLength(1)
  expect(layer.requests[0]).toMatchObject({ action: 'GetQueueUrl', input: { QueueName: `${prefix}health` } })
})

test('health looks for a queue of another account there', async () => {
  const url = 'https://sqs.us-east-1.amazonaws.com/123456789012/theirs'
  const { backend, layer } = await stage({ urls: { [QUEUE]: url } })
  layer.fault = async ({ action, input }) => {
    if (action === 'SendMessageBatch') return { status: 200, body: { Successful: [{ Id: '0' }] } }
    const isTheirs = input.QueueName === 'theirs' && input.QueueOwnerAWSAccountId === '123456789012'
    return isTheirs ? { status: 200, body: { QueueUrl: url } } : refusal(400, 'QueueDoesNotExist')
  }
  await backend.enqueue([job()])
  expect(await backend.health()).toMatchObject({ reachable: true, warnings: [] })
})
