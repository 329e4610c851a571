import { boolean, index, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'

/** The tables as the code knows them: every query is made of these, and `schema.sql` is checked against them. */
export const requests = pgTable(
  'requests',
  {
    id: uuid('id').primaryKey(),
    client: text('client_name').notNull(),
    task: text('task').notNull(),
    params: jsonb('params').$type<object>().notNull(),
    cached: boolean('cached').notNull(),
    requestedAt: timestamp('requested_at', { withTimezone: true }).notNull().defaultNow(),
  },
  ({ client, requestedAt }) => [index('requests_of_client').on(client, requestedAt)],
)

export const answers = pgTable(
  'answers',
  {
    task: text('task').notNull(),
    params: jsonb('params').$type<object>().notNull(),
    answer: jsonb('answer').$type<unknown>().notNull(),
    computedAt: timestamp('computed_at', { withTimezone: true }).notNull().defaultNow(),
  },
  ({ task, params }) => [primaryKey({ columns: [task, params] })],
)

export const suspensions = pgTable('suspensions', {
  process: text('process').primaryKey(),
  suspendedAt: timestamp('suspended_at', { withTimezone: true }).notNull().defaultNow(),
})

export const heartbeats = pgTable(
  'heartbeats',
  {
    controller: uuid('controller').notNull(),
    task: text('task').notNull(),
    status: text('status', { enum: ['active', 'error', 'queue'] }).notNull(),
    beatAt: timestamp('beat_at', { withTimezone: true }).notNull(),
  },
  ({ controller, task }) => [primaryKey({ columns: [controller, task] })],
)
