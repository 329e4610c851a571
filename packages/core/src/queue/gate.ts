import type { Features } from '../contract/features.ts'
import type { NewJobOptions } from '../definition/new-job.ts'
import type { JobPolicyOptions } from '../retry/policy.ts'

declare const unsupported: unique symbol

/** No value has this type; its message is what the compiler prints where an option needs a feature that the backend lacks. */
export interface Unsupported<Message extends string> {
  readonly [unsupported]: Message
}

type Gate<Has extends boolean, Option extends keyof NewJobOptions, Message extends string> = [Has] extends [false]
  ? { readonly [Key in Option]?: Unsupported<Message> }
  : Pick<NewJobOptions, Option>

/** What can be said of one job on a backend with these features. */
export type EnqueueOptions<F extends Features = Features> = JobPolicyOptions &
  Pick<NewJobOptions, 'id' | 'headers'> &
  Gate<F['delay'], 'delay', 'This backend cannot delay jobs. Add a store: withStore(backend, store).'> &
  Gate<
    F['priority'],
    'priority',
    'This backend has no priorities. Use one queue per priority and give them weights in the worker.'
  > &
  Gate<F['unique'], 'unique', 'This backend cannot find duplicates. Add a store: withStore(backend, store).'> &
  Gate<
    F['group'],
    'group',
    'This backend has no groups. Use memory, SQLite, Postgres, Redis, SQS FIFO, or RabbitMQ with its option groups.'
  >

// The words alone are named, not the type: the compiler would print the type's name in their stead.
export type NoState = 'This backend keeps no state. Add a store: withStore(backend, store).'
export type NoTransactions =
  'This backend cannot join your transaction. Use Postgres or SQLite, or enqueue after the commit.'
