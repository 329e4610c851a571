// What a user does wrong, each with the words that the compiler must say. Read by messages.test.ts; it never runs.
import { createQueue, defineJob, exponential, handle, type } from '@jobport/core'
import { bare, full } from './backends.ts'

const mail = defineJob('mail', { input: type<{ to: string }>(), output: type<{ id: string }>() })
const queue = createQueue(bare)
const ticket = await queue.enqueue(mail, { to: 'a' })

// says: This backend cannot delay jobs. Add a store: withStore(backend, store).
await queue.enqueue(mail, { to: 'a' }, { delay: '5m' })
// says: This backend has no priorities. Use one queue per priority and give them weights in the worker.
await queue.enqueue(mail, { to: 'a' }, { priority: 3 })
// says: This backend cannot find duplicates. Add a store: withStore(backend, store).
await queue.enqueue(mail, { to: 'a' }, { unique: { key: 'k' } })
// says: This backend has no groups. Use memory, SQLite, Postgres, Redis, SQS FIFO, or RabbitMQ with its option groups.
await queue.enqueue(mail, { to: 'a' }, { group: 'g' })
// says: This backend keeps no state. Add a store: withStore(backend, store).
await ticket.result()
// says: This backend keeps no state. Add a store: withStore(backend, store).
await ticket.status()
// says: This backend keeps no state. Add a store: withStore(backend, store).
await queue.inspect.counts('default')
// says: This backend cannot join your transaction. Use Postgres or SQLite, or enqueue after the commit.
queue.within({})

// says: Property 'to' is missing
await queue.enqueue(mail, {})
// says: Type '"5 minutes"' is not assignable to type
await createQueue(full).enqueue(mail, { to: 'a' }, { delay: '5 minutes' })
// says: 'dealy' does not exist in type
await createQueue(full).enqueue(mail, { to: 'a' }, { dealy: 5 })
// says: Property 'query' is missing
createQueue(full).within({})
// says: Type 'number' is not assignable to type 'string'
handle(mail, () => ({ id: 1 }))
// says: Type '"1 sec"' is not assignable to type
exponential({ initial: '1 sec' })
// says: Property 'path' does not exist on type
mail.followedBy(mail, (output) => ({ to: output.path }))
// says: Type 'number' is not assignable to type 'string'
mail.followedBy(mail, () => ({ to: 1 }))
