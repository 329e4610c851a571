import { expect, it } from 'vitest'
import { deadLetterOf } from './dead-letter.ts'

const at = { SentTimestamp: String(Date.UTC(2026, 0, 2)) }
const error = { 'jobport-error': { DataType: 'String', StringValue: '{"name":"RangeError","message":"too far"}' } }
const Body = JSON.stringify({
  jobport: { v: 1, id: 'k-1', name: 'message', headers: { 'request-id': 'r-1' } },
  payload: { topic: 'order.created', text: 'x' },
})

it('names the message, its request and its error', () => {
  expect(deadLetterOf({ MessageId: 'sqs', Attributes: at, Body, MessageAttributes: error })).toEqual({
    id: 'k-1',
    topic: 'order.created',
    requestId: 'r-1',
    since: '2026-01-02T00:00:00.000Z',
    error: 'RangeError: too far',
  })
})

it('says so when SQS itself gave the message up', () => {
  expect(deadLetterOf({ MessageId: 'sqs', Attributes: at, Body }).error).toContain('after too many receipts')
})

it.each(['not JSON', '[]', '{"jobport":{}}'])('takes a foreign message as it is: %s', (Body) => {
  expect(deadLetterOf({ MessageId: 'sqs', Attributes: at, Body, MessageAttributes: error })).toMatchObject({
    id: 'sqs',
    topic: undefined,
    error: 'RangeError: too far',
  })
})
