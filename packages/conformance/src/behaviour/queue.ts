import { enqueuing } from './enqueue.ts'
import { tickets } from './ticket.ts'
import { transactions } from './transaction.ts'
import { chapter } from '../suite/case.ts'

export const queue = chapter('B4', 'queues and tickets', [...tickets, ...enqueuing, ...transactions])
