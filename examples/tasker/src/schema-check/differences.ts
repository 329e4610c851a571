import { isTable } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { declared } from './declared.ts'
import { factsOf } from './facts.ts'

/** Where SQL and the tables that a module declares differ, a line for each difference. Empty: they agree. */
export async function differences(sql: string, module: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const tables = Object.values(module).filter((value) => isTable(value)) as PgTable[]
  const [written, expected] = await Promise.all([factsOf(sql), factsOf(declared(tables))])
  return [
    ...written.filter((fact) => !expected.includes(fact)).map((fact) => `only in the SQL:  ${fact}`),
    ...expected.filter((fact) => !written.includes(fact)).map((fact) => `only in the code: ${fact}`),
  ]
}
