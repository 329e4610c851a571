import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'

/** The SQL that would create tables as the code declares them. */
export function declared(tables: readonly PgTable[]): string {
  return tables
    .map((table) => {
      const { name, columns, primaryKeys, indexes } = getTableConfig(table)
      const elements = [
        ...columns.map(
          (column) =>
            `"${column.name}" ${column.getSQLType()}${column.notNull ? ' not null' : ''}` +
            `${column.hasDefault ? ' default null' : ''}${column.primary ? ' primary key' : ''}`,
        ),
        ...primaryKeys.map((key) => `primary key (${quoted(key.columns)})`),
      ]
      const made = indexes.map(
        ({ config }) =>
          `create ${config.unique ? 'unique ' : ''}index "${config.name}" on "${name}" (${quoted(config.columns)});`,
      )
      return `create table "${name}" (${elements.join(', ')});\n${made.join('\n')}`
    })
    .join('\n')
}

function quoted(columns: readonly object[]): string {
  return columns.map((column) => `"${'name' in column ? String(column.name) : ''}"`).join(', ')
}
