import type { Value } from './wire/new-jobs.ts'

/**
 * A transaction of the caller: a client of `pg` after `begin`, what Drizzle, Kysely or Prisma hand to the callback of a transaction, or anything with
 * `query(text, values)` that answers rows, or an object with `rows`.
 */
export type TransactionHandle = QueryHandle | KyselyHandle | PrismaHandle | DrizzleHandle

export interface QueryHandle {
  query(text: string, values: any[]): PromiseLike<any>
}

export interface KyselyHandle {
  executeQuery(query: any): PromiseLike<{ readonly rows: unknown[] }>
}

export interface PrismaHandle {
  $queryRawUnsafe(text: string, ...values: any[]): PromiseLike<unknown>
}

export interface DrizzleHandle {
  execute(query: any): PromiseLike<unknown>
}

type Query = (text: string, values: readonly Value[]) => Promise<readonly object[]>

interface DrizzleSession {
  prepareQuery(
    query: { readonly sql: string; readonly params: readonly unknown[] },
    fields: undefined,
    name: undefined,
    isArray: boolean,
  ): { execute(): Promise<unknown> }
}

/** How a handle is asked; `undefined` when it is none that is known. */
export function queryOf(handle: unknown): Query | undefined {
  if (typeof handle !== 'object' || handle === null) return undefined
  if ('$queryRawUnsafe' in handle) {
    const prisma = handle as PrismaHandle
    return async (text, values) => rowsOf(await prisma.$queryRawUnsafe(text, ...values))
  }
  if ('executeQuery' in handle) {
    const kysely = handle as KyselyHandle
    return async (text, values) => rowsOf(await kysely.executeQuery(compiled(text, values)))
  }
  if ('session' in handle && hasMethod(handle.session, 'prepareQuery')) {
    const session = handle.session as DrizzleSession
    return async (text, params) =>
      rowsOf(await session.prepareQuery({ sql: text, params }, undefined, undefined, false).execute())
  }
  if (hasMethod(handle, 'query')) {
    const client = handle as QueryHandle
    return async (text, values) => rowsOf(await client.query(text, [...values]))
  }
  return undefined
}

/** Whether it is what transactions are made with: a pool of pg, or a database of Kysely or Drizzle. What is done with it is committed at once. */
export function isOutside(handle: object): boolean {
  if ('executeQuery' in handle) return Reflect.get(handle, 'isTransaction') === false
  if ('session' in handle) return !hasMethod(handle, 'rollback')
  return 'totalCount' in handle && hasMethod(handle, 'connect')
}

function hasMethod(object: unknown, name: string): boolean {
  return typeof object === 'object' && object !== null && typeof Reflect.get(object, name) === 'function'
}

function rowsOf(answer: unknown): readonly object[] {
  if (Array.isArray(answer)) return answer as object[]
  return (answer as { readonly rows: object[] }).rows
}

/** What Kysely makes of raw SQL. */
function compiled(sql: string, parameters: readonly Value[]): object {
  const query = Object.freeze({ kind: 'RawNode', sqlFragments: Object.freeze([sql]), parameters: Object.freeze([]) })
  return Object.freeze({ query, queryId: Object.freeze({ queryId: 'jobport' }), sql, parameters })
}
