import { Agent } from 'node:http'
import { DeleteQueueCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs'
import { UndiciHttpHandler } from '@smithy/undici-http-handler'
import { expect, onTestFinished, test } from 'vitest'
import type { Settlement } from '@jobport/core/adapter'
import { queueName } from '../src/queue/names.ts'
import { refusal, times, type Request } from './fault-layer.ts'
import { plainClient, reach } from './server.ts'
import { job, jobs, QUEUE, stage, type Stage } from './stage.ts'

const KEEP = 60_000
const completed = ({ lease }: { readonly lease: Settlement['lease'] }): Settlement => ({
  lease,
  to: 'completed',
  keep: KEEP,
})
const idsOf = ({ input }: Request): string[] => input.Entries.map(({ Id }: { Id: string }) => Id)

/** As SQS answers where it refuses some entries. */
const failing =
  (Code: string, isChosen: (id: string) => boolean, SenderFault = false) =>
  async ({ input }: Request, pass: (input: object) => Promise<{ status: number; body: any }>) => {
    const Entries = input.Entries.filter(({ Id }: { Id: string }) => !isChosen(Id))
    const { body } = Entries.length === 0 ? { body: { Successful: [] } } : await pass({ ...input, Entries })
    const Failed = input.Entries.filter(({ Id }: { Id: string }) => isChosen(Id)).map(({ Id }: { Id: string }) => ({
      Id,
      Code,
      SenderFault,
      Message: Code,
    }))
    return { status: 200, body: { ...body, Failed } }
  }

test('a throttled request is tried again after a pause, and told of', async () => {
  const { backend, layer, retries, claim } = await stage()
  layer.fault = times(2, 'SendMessageBatch', async () => refusal(400, 'RequestThrottled'))
  expect(await backend.enqueue([job()])).toEqual([{ status: 'enqueued' }])
  expect(retries.map(({ operation }) => operation)).toEqual(['SendMessageBatch', 'SendMessageBatch'])
  expect(await claim()).toHaveLength(1)
})

test('a service in trouble is tried so often and no more, and the call fails as unavailable', async () => {
  const { backend, layer } = await stage({ attempts: 3 })
  await backend.enqueue([job()])
  const before = layer.of('SendMessageBatch').length
  layer.fault = times(Infinity, 'SendMessageBatch', async () => refusal(500, 'InternalError'))
  await expect(backend.enqueue([job()])).rejects.toMatchObject({
    code: 'unavailable',
    retryable: true,
    outcome: 'unknown',
  })
  expect(layer.of('SendMessageBatch').length - before).toBe(3)
})

test('of a batch only the entries that failed are sent again', async () => {
  const { backend, layer, claim } = await stage()
  layer.fault = times(
    1,
    'SendMessageBatch',
    failing('InternalError', (id) => id === '2' || id === '5'),
  )
  const given = jobs(10)
  expect(await backend.enqueue(given)).toEqual(given.map(() => ({ status: 'enqueued' })))
  expect(layer.of('SendMessageBatch').map((request) => idsOf(request).length)).toEqual([10, 2])
  const taken = await claim(20)
  expect(taken.map(({ lease }) => lease.id).toSorted()).toEqual(given.map(({ id }) => id).toSorted())
})

test('an entry that fails in the end, when others were sent again with it, is the one that is refused', async () => {
  const { backend, layer } = await stage()
  let tries = 0
  const isChosen = [(id: string) => id === '2' || id === '5', (id: string) => id === '1']
  layer.fault = times(2, 'SendMessageBatch', (request, pass) => {
    const chosen = isChosen[tries++]!
    return failing(tries === 1 ? 'InternalError' : 'InvalidMessageContents', chosen)(request, pass)
  })
  const answers = await backend.enqueue(jobs(10))
  expect(answers.flatMap(({ status }, index) => (status === 'enqueued' ? [] : [index]))).toEqual([5])
})

test('what one request has brought is claimed though another failed', async () => {
  const { backend, layer, claim } = await stage({ attempts: 1 })
  await backend.enqueue(jobs(3))
  layer.fault = times(1, 'ReceiveMessage', async () => refusal(500, 'InternalError'))
  expect(await claim(20)).toHaveLength(3)
})

test('an entry that can never be taken is refused, and its neighbours are not', async () => {
  const { backend, layer } = await stage()
  layer.fault = times(
    1,
    'SendMessageBatch',
    failing('InvalidMessageContents', (id) => id === '1', true),
  )
  const answers = await backend.enqueue(jobs(3))
  expect(answers.map(({ status }) => status)).toEqual(['enqueued', 'refused', 'enqueued'])
  expect(answers[1]).toMatchObject({ error: { code: 'invalid' } })
})

test('deletes that fail are repeated, those that went well are not', async () => {
  const { backend, layer, claim } = await stage()
  await backend.enqueue(jobs(10))
  const taken = await claim(10)
  layer.fault = times(
    1,
    'DeleteMessageBatch',
    failing('InternalError', (id) => id === '7'),
  )
  expect(await backend.settle(taken.map(completed))).toEqual(taken.map(() => 'applied'))
  expect(layer.of('DeleteMessageBatch').map((request) => idsOf(request).length)).toEqual([10, 1])
})

test.each(['ReceiptHandleIsInvalid', 'InvalidParameterValue'])(
  'a handle that SQS calls stale is a lost lease, and its neighbours are settled (%s)',
  async (code) => {
    const { backend, layer, claim } = await stage()
    await backend.enqueue(jobs(3))
    const taken = await claim(3)
    layer.fault = times(
      1,
      'DeleteMessageBatch',
      failing(code, (id) => id === '1', true),
    )
    expect(await backend.settle(taken.map(completed))).toEqual(['applied', 'lost', 'applied'])
    expect(layer.of('DeleteMessageBatch')).toHaveLength(1)
  },
)

test('one visibility that cannot be changed does not spoil the others', async () => {
  const { backend, layer, claim } = await stage()
  await backend.enqueue(jobs(3))
  const leases = (await claim(3)).map(({ lease }) => lease)
  layer.fault = times(
    1,
    'ChangeMessageVisibilityBatch',
    failing('MessageNotInflight', (id) => id === '1', true),
  )
  expect(await backend.extend(leases, 30_000)).toEqual(['applied', 'lost', 'applied'])
  expect(await backend.extend(leases, 30_000)).toEqual(['applied', 'lost', 'applied'])
})

test('a handle whose lease is over is never sent: it could end the attempt of another', async () => {
  const { backend, layer, claim, another } = await stage()
  const other = await another()
  await backend.enqueue([job()])
  const [first] = await claim(1, 0, 1_000)
  const request = { queue: QUEUE, limit: 1, lease: 60_000, wait: 10_000 }
  const [second] = await other.claim(request, new AbortController().signal)
  expect(second).toMatchObject({ attempt: 2, lease: { id: first!.lease.id } })
  const deletes = layer.of('DeleteMessageBatch').length
  expect(await backend.settle([completed(first!)])).toEqual(['lost'])
  expect(await backend.extend([first!.lease], 30_000)).toEqual(['lost'])
  expect(layer.of('DeleteMessageBatch')).toHaveLength(deletes)
  expect(await other.settle([completed(second!)])).toEqual(['applied'])
})

test('a reply that is lost costs no job on FIFO queues, and makes none twice', async () => {
  const { backend, layer, claim } = await stage({ fifo: true })
  layer.fault = times(1, 'SendMessageBatch', async (_, pass) => {
    await pass()
    throw new Error('lost')
  })
  const given = jobs(4)
  await backend.enqueue(given)
  const taken = [...(await claim(10)), ...(await claim(10))]
  expect(taken.map(({ lease }) => lease.id).toSorted()).toEqual(given.map(({ id }) => id).toSorted())
})

test('a delete whose reply is lost is repeated', async () => {
  const { backend, layer, claim } = await stage()
  await backend.enqueue([job()])
  const [taken] = await claim()
  layer.fault = times(1, 'DeleteMessageBatch', async (_, pass) => {
    await pass()
    throw new Error('lost')
  })
  expect(await backend.settle([completed(taken!)])).toEqual(['applied'])
})

test('an answer that breaks off is asked for again', async () => {
  const { backend, layer, claim, retries } = await stage()
  await backend.enqueue([job()])
  const [taken] = await claim()
  layer.fault = times(1, 'DeleteMessageBatch', async (_, pass) => ({ ...(await pass()), isCut: true }))
  expect(await backend.settle([completed(taken!)])).toEqual(['applied'])
  expect(retries).toMatchObject([{ operation: 'DeleteMessageBatch', entries: 1, error: { code: 'unavailable' } }])
})

test('a request that nobody answers fails as unavailable after `callTimeout`', async () => {
  const { backend, layer } = await stage({ attempts: 1, callTimeout: '2s' })
  await backend.enqueue([job()])
  layer.fault = times(Infinity, 'SendMessageBatch', () => new Promise(() => {}))
  await expect(backend.enqueue([job()])).rejects.toMatchObject({
    code: 'unavailable',
    outcome: 'unknown',
    message: expect.stringContaining('TimeoutError'),
  })
})

test('an answer that stops in the middle fails as unavailable after `callTimeout`', async () => {
  const { backend, layer } = await stage({ attempts: 1, callTimeout: '2s' })
  await backend.enqueue([job()])
  layer.fault = times(Infinity, 'SendMessageBatch', async (_, pass) => ({ ...(await pass()), isStuck: true }))
  await expect(backend.enqueue([job()])).rejects.toMatchObject({
    code: 'unavailable',
    outcome: 'unknown',
    message: expect.stringContaining('TimeoutError'),
  })
})

test('a request that waits for jobs may take `callTimeout` besides', async () => {
  const { backend, claim, retries } = await stage({ longPoll: '3s', callTimeout: '2s' })
  await backend.enqueue([job()])
  await backend.settle((await claim()).map(completed))
  expect(await claim(1, 3_000)).toEqual([])
  expect(retries.filter(({ operation }) => operation === 'ReceiveMessage')).toEqual([])
})

test('so many requests at once as there are sockets, and no lease waits for them to be extended', async () => {
  const { backend, layer, claim } = await stage({ sockets: 2 })
  await backend.enqueue([job()])
  const [taken] = await claim()
  const { promise: free, resolve } = Promise.withResolvers<void>()
  let open = 0
  layer.fault = async ({ action }, pass) => {
    if (action !== 'SendMessageBatch') return pass()
    open++
    await free
    return pass()
  }
  const sent = backend.enqueue(jobs(50))
  await expect.poll(() => open).toBe(2)
  // The others would have come before this is answered.
  expect(await backend.extend([taken!.lease], 30_000)).toEqual(['applied'])
  expect(open).toBe(2)
  resolve()
  expect((await sent).filter(({ status }) => status !== 'enqueued')).toEqual([])
  expect(open).toBe(5)
})

test('a server that is not there is unavailable', async () => {
  const { another } = await stage()
  const nowhere = 'http://127.0.0.1:1'
  const backend = await another({ attempts: 1, sqs: reach(nowhere), urls: { [QUEUE]: `${nowhere}/0/work` } })
  await expect(backend.enqueue([job()])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('requests go through the agent that is given, whose connections stay open when the backend closes', async () => {
  const { another, layer } = await stage()
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const backend = await another({ sqs: { ...reach(layer.url), requestHandler: { httpAgent: agent } } })
  await backend.enqueue([job()])
  await backend.close()
  const sockets = Object.values({ ...agent.sockets, ...agent.freeSockets }).flat()
  expect(sockets.map((socket) => socket?.destroyed)).toContain(false)
})

test('a handler that is given is not closed', async () => {
  const { another, layer } = await stage()
  let closed = 0
  class Shared extends UndiciHttpHandler {
    override destroy(): void {
      closed++
      super.destroy()
    }
  }
  const requestHandler = new Shared()
  const backend = await another({ sqs: { ...reach(layer.url), requestHandler } })
  await backend.enqueue([job()])
  await backend.close()
  expect(closed).toBe(0)
})

test('a message that is delivered twice is two claims, each settled for itself', async () => {
  const { backend, layer, claim } = await stage()
  await backend.enqueue([job()])
  layer.fault = times(1, 'ReceiveMessage', async (_, pass) => {
    const { status, body } = await pass()
    const again = { ...body.Messages[0], ReceiptHandle: 'another' }
    return { status, body: { Messages: [again, ...body.Messages] } }
  })
  const taken = await claim()
  expect(taken).toHaveLength(2)
  expect(await backend.settle(taken.map(completed))).toEqual(['applied', 'applied'])
})

test('of a FIFO batch with two of a group the second waits, and others are claimed', async () => {
  const { backend, layer, claim } = await stage({ fifo: true })
  const group = jobs(2, { group: 'g' })
  const other = job()
  await backend.enqueue([...group, other])
  // What SQS does and the emulator does not: several messages of a group in one answer.
  layer.fault = times(1, 'ReceiveMessage', async ({ input }, pass) => {
    const first = await pass({ ...input, MaxNumberOfMessages: 1 })
    const [message] = first.body.Messages
    const twin = {
      ...message,
      ReceiptHandle: 'twin',
      MessageId: 'twin',
      Body: message.Body.replace(group[0]!.id, 'twin'),
    }
    return { status: 200, body: { Messages: [message, twin] } }
  })
  expect((await claim(10)).map(({ lease }) => lease.id)).toEqual([group[0]!.id])
  const shown = layer.of('ChangeMessageVisibilityBatch').at(-1)!
  expect(shown.input.Entries).toEqual([{ Id: '0', ReceiptHandle: 'twin', VisibilityTimeout: 0 }])
  await claim(10)
  expect(layer.of('ReceiveMessage').at(-1)!.input.MaxNumberOfMessages).toBe(1)
})

test('jobs of one group are sent in order, also by calls at the same time', async () => {
  const { backend, layer } = await stage({ fifo: true })
  await backend.enqueue([job()])
  const sent: string[] = []
  let requests = 0
  layer.fault = async ({ action, input }, pass) => {
    // The first request is slow: the second must not overtake it.
    if (action === 'SendMessageBatch' && requests++ === 0) await new Promise((resolve) => setTimeout(resolve, 100))
    if (action === 'SendMessageBatch') sent.push(...input.Entries.map((entry: any) => entry.MessageDeduplicationId))
    return pass()
  }
  const given = jobs(25, { group: 'g' })
  await Promise.all([backend.enqueue(given.slice(0, 15)), backend.enqueue(given.slice(15))])
  expect(sent).toEqual(given.map(({ id }) => id))
})

test('a queue that is deleted fails claims as not found, and works when it is there again', async () => {
  const { backend, claim, prefix } = await stage()
  await backend.enqueue([job()])
  await claim()
  const client = plainClient()
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueName(prefix, QUEUE, false) }))
  await client.send(new DeleteQueueCommand({ QueueUrl }))
  client.destroy()
  await expect(claim()).rejects.toMatchObject({ code: 'not-found', retryable: false })
  await backend.enqueue([job()])
  expect(await claim()).toHaveLength(1)
})

test.each([
  ['AccessDeniedException', 400, 'denied'],
  ['KmsThrottled', 400, 'throttled'],
  ['OverLimit', 403, 'throttled'],
  ['InvalidAddress', 400, 'invalid'],
  ['ServiceUnavailable', 503, 'unavailable'],
])('%s is a failure of its kind', async (type, status, code) => {
  const { layer, claim, backend } = await stage({ attempts: 1 })
  await backend.enqueue([job()])
  layer.fault = times(Infinity, 'ReceiveMessage', async () => refusal(status, type))
  await expect(claim()).rejects.toMatchObject({ code })
})

test('open says which right is missing', async () => {
  const set = await stage({ attempts: 1 })
  await set.backend.enqueue([job()])
  set.layer.fault = times(Infinity, 'GetQueueAttributes', async () => refusal(400, 'AccessDeniedException'))
  await expect(set.another({ queues: [QUEUE] })).rejects.toMatchObject({
    code: 'denied',
    outcome: 'none',
    message: expect.stringMatching(/^sqs: GetQueueAttributes: .*the guide lists the rights/),
  })
})

test('a claim that was aborted puts back what comes to it', async () => {
  const { backend, layer, claim } = await stage({ longPoll: '20s' })
  await backend.enqueue([job()])
  await backend.settle((await claim()).map(completed))
  const abort = new AbortController()
  const waiting = backend.claim({ queue: QUEUE, limit: 1, lease: 60_000, wait: 20_000 }, abort.signal)
  await expect.poll(() => layer.of('ReceiveMessage').length).toBe(2)
  abort.abort()
  expect(await waiting).toEqual([])
  await backend.enqueue([job()])
  const [taken] = await claim(1, 10_000)
  expect(taken!.attempt).toBe(2)
})

test('closing waits for requests that wait, so that no job is left to nobody', async () => {
  const { backend, layer, claim } = await stage({ longPoll: '1s' })
  await backend.enqueue([job()])
  await backend.settle((await claim()).map(completed))
  const ended: string[] = []
  layer.fault = async ({ action }, pass) => {
    const reply = await pass()
    if (action === 'ReceiveMessage') ended.push(action)
    return reply
  }
  const waiting = backend.claim({ queue: QUEUE, limit: 1, lease: 60_000, wait: 20_000 }, new AbortController().signal)
  await expect.poll(() => layer.of('ReceiveMessage').length).toBe(2)
  await backend.close()
  expect(await waiting).toEqual([])
  expect(ended).toHaveLength(1)
})

test('a hundred jobs are ten requests, side by side', async () => {
  const { backend, layer }: Stage = await stage()
  await backend.enqueue([job()])
  const several = Promise.withResolvers<void>()
  let open = 0
  layer.fault = async ({ action }, pass) => {
    if (action !== 'SendMessageBatch') return pass()
    // None is answered before the fifth is there.
    if (++open === 5) several.resolve()
    await several.promise
    return pass()
  }
  await backend.enqueue(jobs(100))
  expect(layer.of('SendMessageBatch')).toHaveLength(11)
})

test('a request counts its bytes, not only its entries', async () => {
  const { backend, layer, claim } = await stage()
  const payload = JSON.stringify('x'.repeat(400_000))
  await backend.enqueue(jobs(5, { payload }))
  expect(
    layer
      .of('SendMessageBatch')
      .map((request) => idsOf(request).length)
      .toSorted((a, b) => a - b),
  ).toEqual([1, 2, 2])
  expect((await claim(10)).length).toBe(5)
})
