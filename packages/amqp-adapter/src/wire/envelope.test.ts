import type { NewJob } from '@jobport/core/adapter'
import { expect, it } from 'vitest'
import { newEnvelope, propertiesOf, readEnvelope, type Envelope } from './envelope.ts'
import type { Incoming } from './incoming.ts'

function job(id: string): NewJob {
  return { id, queue: 'work', name: 'test', payload: '{"a":1}', headers: {} }
}

/** As core makes them. */
function mintedAt(time: number): string {
  const hex = time.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

function received(envelope: Envelope): Incoming {
  return { content: envelope.content, properties: propertiesOf(envelope), fields: {} } as unknown as Incoming
}

it('a new job travels in few words: its id tells the time', () => {
  const now = Date.now()
  const envelope = newEnvelope(job(mintedAt(now - 3)))
  expect(envelope.enqueuedAt).toBe(now - 3)
  expect(propertiesOf(envelope)).toMatchObject({ appId: 'jp1', headers: {} })
  expect(readEnvelope(received(envelope))).toEqual(envelope)
})

it.each(['order-4711', mintedAt(Date.UTC(2020))])('a job whose id was made elsewhere carries its time: %s', (id) => {
  const before = Date.now()
  const envelope = newEnvelope(job(id))
  expect(envelope.enqueuedAt).toBeGreaterThanOrEqual(before)
  expect(envelope.enqueuedAt).toBeLessThanOrEqual(Date.now())
  expect(propertiesOf(envelope).appId).toBe(`jp1 0 0 0 0 ${envelope.enqueuedAt}`)
  expect(readEnvelope(received(envelope))).toEqual(envelope)
})

it.each(['order-4711', mintedAt(Date.now())])('a job that runs again keeps its past: %s', (id) => {
  const envelope = { ...newEnvelope(job(id)), attempt: 3, failures: 2, crashes: 1, redrives: 4 }
  expect(readEnvelope(received(envelope))).toEqual(envelope)
})

it('a job of a group keeps it to the last code unit, and what it rests', () => {
  const envelope = newEnvelope({ ...job(mintedAt(Date.now())), group: 'Ω \ud800"' })
  expect(readEnvelope(received(envelope))).toEqual(envelope)
  expect(propertiesOf(envelope).priority).toBeUndefined()
  const returned = { ...envelope, attempt: 1, failures: 1, rest: 0 }
  expect(readEnvelope(received(returned))).toEqual(returned)
  expect(propertiesOf(returned).priority).toBe(1)
})

it.each([undefined, '', 'cron', 'jp2', 'jp1 ', 'jp1 0 0 0', 'jp1 0 0 0 0', 'jp1 1 2 3 4 x', 'jp1 0 0 0 0 1 1', 'jp1'])(
  'a message with app_id %j and an id that tells no time is no job',
  (appId) => {
    const { properties, ...rest } = received(newEnvelope(job('order-4711')))
    expect(readEnvelope({ ...rest, properties: { ...properties, appId } })).toBeUndefined()
  },
)
