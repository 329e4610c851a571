import { boolean, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import schemaSql from '../database/schema.sql'
import * as tables from '../database/tables.ts'
import { differences } from './differences.ts'

describe('the tables of the application', () => {
  it('are the same in the SQL and in the code', async () => {
    expect(await differences(schemaSql, tables)).toEqual([])
  })

  it.each([
    ['client_name text not null', 'client_name integer not null', 'column requests.client_name: text, not null'],
    ['client_name text not null', 'client_name text', 'column requests.client_name: text, not null'],
    ['client_name text not null', 'client text not null', 'column requests.client_name: text, not null'],
    ['  cached boolean not null,\n', '', 'column requests.cached: bool, not null'],
    ['primary key (task, params)', 'primary key (params, task)', 'primary key of answers: task, params'],
    [
      'timestamptz not null default now()',
      'timestamptz not null',
      /column .*_at: timestamptz, not null, with a default/,
    ],
    ['create table if not exists suspensions', 'create table if not exists paused', 'table suspensions'],
    ['requests (client_name, requested_at)', 'requests (requested_at)', 'index requests_of_client of requests: '],
  ])('differ when the SQL says %j no more but %j', async (before, after, missing) => {
    expect(schemaSql).toContain(before)
    const found = await differences(schemaSql.replace(before, after), tables)
    expect(found.join('\n')).toMatch(typeof missing === 'string' ? `only in the code: ${missing}` : missing)
  })

  it.each([
    ['another type', { things: pgTable('things', { size: text('size').notNull() }) }],
    ['a column more', { things: pgTable('things', { size: integer('size').notNull(), is: boolean('is') }) }],
    ['a column that may be null', { things: pgTable('things', { size: integer('size') }) }],
    ['a default', { things: pgTable('things', { size: integer('size').notNull().default(1) }) }],
    [
      'an index',
      { things: pgTable('things', { size: integer('size').notNull() }, ({ size }) => [index('i').on(size)]) },
    ],
    [
      'a key',
      {
        things: pgTable('things', { size: integer('size').notNull() }, ({ size }) => [primaryKey({ columns: [size] })]),
      },
    ],
    ['a table more', { things: pgTable('things', { size: integer('size').notNull() }), more: pgTable('more', {}) }],
    ['no table', {}],
  ])('differ when the code has %s', async (_, module) => {
    const sql = 'create table things (size int not null)'
    expect(await differences(sql, { things: pgTable('things', { size: integer('size').notNull() }) })).toEqual([])
    expect(await differences(sql, module)).not.toEqual([])
  })
})

it('two spellings of one type are one', async () => {
  const things = pgTable('things', { at: timestamp('at', { withTimezone: true }) })
  expect(await differences('create table things (at timestamptz)', { things })).toEqual([])
  expect(await differences('CREATE TABLE "things" (at TIMESTAMP WITH TIME ZONE)', { things })).toEqual([])
})

it.each([
  ['alter table requests add column more text', 'AlterTableStmt'],
  ['create table things (size int check (size > 0))', 'CONSTR_CHECK'],
  ['create table things (size int, unique (size))', 'CONSTR_UNIQUE'],
  ['create index few on things (size) where size > 3', 'a condition'],
  ['create table things (name varchar(20))', 'a length'],
])('%s is refused, not overlooked', async (sql, what) => {
  await expect(differences(sql, {})).rejects.toThrow(what)
})
