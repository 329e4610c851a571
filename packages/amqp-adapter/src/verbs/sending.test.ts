import { BackendError } from '@jobport/core/adapter'
import { expect, it } from 'vitest'
import type { Published } from '../connection/publisher.ts'
import { Sending, type Addressed, type SendingOptions } from './sending.ts'

const full = new BackendError('full', 'amqp', 'no')
const away = new BackendError('unavailable', 'amqp', 'away')

it('sends again what was refused by queues that may have no leader yet, and nothing else, and answers in order', async () => {
  const answers: (readonly Published[])[] = [[undefined, full, full, full], [full, away], [undefined]]
  const sent: string[][] = []
  const sending = new Sending({
    publisher: {
      publish: async (messages: readonly { readonly key: string }[]) => {
        sent.push(messages.map(({ key }) => key))
        return answers.shift()!
      },
    },
    topology: {
      haveLeaders: true,
      knows: () => true,
      mayBeStarting: ({ queue }: Addressed) => queue !== 'old',
      waiting: async () => 1,
    },
  } as unknown as SendingOptions)
  const messages = ['taken', 'old', 'new', 'newer'].map(
    (queue) => ({ queue, isDelayed: false, outgoing: { key: queue } }) as unknown as Addressed,
  )
  expect(await sending.send(messages)).toEqual([undefined, full, undefined, away])
  expect(sent).toEqual([['taken', 'old', 'new', 'newer'], ['new', 'newer'], ['new']])
})
