import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Order, Report } from './keeper.ts'

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('servers end with their parent also when one of them ends at that moment, of which nobody can be told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keeper-'))
  const keeper = fork(fileURLToPath(new URL('keeper.ts', import.meta.url)), [folder], { execArgv: [] })
  const start = async (id: number): Promise<number> => {
    const command = { command: process.execPath, args: ['--eval', 'setInterval(() => {}, 60_000)'] }
    keeper.send({ id, start: command, stop: 'SIGTERM', log: join(folder, 'log') } satisfies Order)
    const [report] = (await once(keeper, 'message')) as [Report]
    if (!('pid' in report)) throw new Error(`it did not start: ${report.ended}`)
    return report.pid
  }
  const [first, second] = [await start(0), await start(1)]
  // It stands still while both happen, so it hears of the server before it notices that nobody is there.
  keeper.kill('SIGSTOP')
  process.kill(first, 'SIGKILL')
  keeper.disconnect()
  const ended = once(keeper, 'exit')
  keeper.kill('SIGCONT')
  expect(await ended).toEqual([0, null])
  expect([first, second].filter(isAlive)).toEqual([])
  expect(existsSync(folder)).toBe(false)
})
