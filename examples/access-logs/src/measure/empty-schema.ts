import pg from 'pg'

export const SCHEMA = 'access_logs_measure'

/** Runs something in a schema of its own, which is removed afterwards. */
export async function inEmptySchema<T>(url: string, body: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    options: `-c search_path=${SCHEMA} -c client_min_messages=warning`,
  })
  await client.connect()
  const drop = `drop schema if exists ${SCHEMA}, ${SCHEMA}_jobs cascade`
  try {
    await client.query(drop)
    return await body(client)
  } finally {
    await client.query(drop)
    await client.end()
  }
}
