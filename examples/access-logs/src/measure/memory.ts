import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { inEmptySchema, SCHEMA } from './empty-schema.ts'
import { importInProcess } from './import-in-process.ts'

/** The most memory of a process that imports a file, for files of 10 thousand lines, ten times as many, and so on. Without a `url`, into SQLite. */
export async function measureMemory(
  url: string | undefined,
  sample: (lines: number) => Promise<string>,
  most: number,
  folder: string,
): Promise<void> {
  console.log('| lines | file | seconds | most memory |\n| --: | --: | --: | --: |')
  for (let lines = 10_000; lines <= most; lines *= 10) {
    const file = await sample(lines)
    const { size } = await stat(file)
    const took = await (url === undefined
      ? importInProcess(file, { SQLITE_FILE: join(folder, `${lines}.sqlite`) })
      : inEmptySchema(url, () => importInProcess(file, { POSTGRES_URL: url, POSTGRES_SCHEMA: SCHEMA })))
    const cells = [
      lines.toLocaleString('en'),
      `${(size / 1e6).toFixed(1)} MB`,
      took.seconds.toFixed(1),
      `${took.megabytes} MB`,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
