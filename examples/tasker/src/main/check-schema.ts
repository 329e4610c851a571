// Run when the image is built: fails where the SQL that creates the tables and the code that uses them differ. Needs no database.
import schemaSql from '../database/schema.sql'
import * as tables from '../database/tables.ts'
import { differences } from '../schema-check/differences.ts'

const found = await differences(schemaSql, tables)
if (found.length > 0) {
  console.error(`schema.sql and tables.ts differ:\n${found.map((line) => `  ${line}`).join('\n')}`)
  process.exitCode = 1
}
