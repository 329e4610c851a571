import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { chapters } from '../src/index.ts'

const run = promisify(execFile)

it('the suite runs in node:test as well', { timeout: 180_000 }, async () => {
  const file = fileURLToPath(new URL('./memory.node.ts', import.meta.url))
  const { JOBPORT_CONFORMANCE: _, NODE_OPTIONS: __, ...env } = process.env
  const { stdout } = await run(
    process.execPath,
    ['--conditions=jobport-source', '--test', '--test-reporter=tap', file],
    { env },
  )
  const cases = chapters.flatMap((chapter) => chapter.cases)
  expect(stdout).toMatch(/^# fail 0$/m)
  expect(Number(/^# tests (\d+)$/m.exec(stdout)?.[1])).toBe(cases.length)
})
