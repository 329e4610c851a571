import { createQueue, defineJob, type } from '@jobport/core'
import { describe, expectTypeOf, it } from 'vitest'
import { amqpBackend } from '../src/index.ts'

const definition = defineJob('test', { input: type<number>() })
const url = 'amqp://localhost'

describe('what does not work does not compile', () => {
  it('priorities follow from the options', () => {
    expectTypeOf(amqpBackend({ url }).features.priority).toEqualTypeOf<false>()
    expectTypeOf(amqpBackend({ url, priorities: 1 }).features.priority).toEqualTypeOf<false>()
    expectTypeOf(amqpBackend({ url, queueType: 'classic', priorities: 10 }).features.priority).toEqualTypeOf<true>()
    const plain = createQueue(amqpBackend({ url }))
    // @ts-expect-error no priorities were asked for
    void plain.enqueue(definition, 1, { priority: 1 })
    void createQueue(amqpBackend({ url, queueType: 'classic', priorities: 10 })).enqueue(definition, 1, { priority: 1 })
  })

  it('groups follow from the options', () => {
    const backend = amqpBackend({ url, queueType: 'classic', groups: 8 })
    expectTypeOf(backend.features.group).toEqualTypeOf<true>()
    expectTypeOf(amqpBackend({ url, queueType: 'classic' }).features.group).toEqualTypeOf<false>()
    void createQueue(backend).enqueue(definition, 1, { group: 'g' })
  })

  it('delays are there, unique keys are not, nor groups that were not asked for', () => {
    const backend = amqpBackend({ url })
    const queue = createQueue(backend)
    expectTypeOf(backend.features.delay).toEqualTypeOf<true>()
    void queue.enqueue(definition, 1, { delay: '5m' })
    // @ts-expect-error no unique keys
    void queue.enqueue(definition, 1, { unique: { key: 'k' } })
    // @ts-expect-error no groups were asked for
    void queue.enqueue(definition, 1, { group: 'g' })
  })
})
