import countLines from '../store/postgres/sql/count-lines.sql'
import counts from '../store/postgres/sql/counts.sql'
import { inEmptySchema, SCHEMA } from './empty-schema.ts'
import { importInProcess } from './import-in-process.ts'

/** How Postgres answers the count of each uri per day, from the lines and from what is kept for it. */
export async function measureCounts(url: string, file: string): Promise<void> {
  await inEmptySchema(url, async (client) => {
    await importInProcess(file, { POSTGRES_URL: url, POSTGRES_SCHEMA: SCHEMA })
    await client.query('vacuum analyze requests, uri_counts')
    const all = ['0001-01-01', '9999-12-31', null]
    for (const [title, sql, values] of [
      ['From the lines', countLines, []],
      ['From uri_counts', counts, all],
    ] as const) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze, costs off, timing off) ${sql}`, [
        ...values,
      ])
      console.log(`${title}:\n${rows.map((row) => `  ${row['QUERY PLAN']}`).join('\n')}\n`)
    }
    const { rows } = await client.query<{ name: string; size: string }>(
      `select relname as name, pg_size_pretty(pg_relation_size(oid)) as size from pg_class
       where relnamespace = '${SCHEMA}'::regnamespace and relkind in ('r', 'i') and relname ~ '^(requests|uri_counts)' order by relname`,
    )
    for (const { name, size } of rows) console.log(`  ${name.padEnd(16)} ${size.padStart(10)}`)
  })
}
