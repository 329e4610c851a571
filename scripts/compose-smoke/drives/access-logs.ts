import type { Drive } from '../drive.ts'
import { expect, until } from '../expectations.ts'
import type { Stack } from '../stack.ts'

const DAYS = 12
const LINES = 40_000

export const accessLogs: Drive = {
  name: 'access-logs',
  profiles: ['access-logs'],
  builds: ['access-logs'],

  async run(stack, step) {
    const program = (role: string, ...args: readonly string[]) =>
      stack.compose('run', '--rm', '-T', '--no-deps', 'access-logs', `dist/main/${role}.js`, ...args)

    await step('up, with one worker', () => stack.up())
    await step('sample files drawn', async () => {
      const files = await program('generate', '--days', `${DAYS}`, '--lines', `${LINES}`, '/data/logs')
      return `${files.trim().split('\n').length} of ${LINES} lines`
    })
    await step('scaled to 3 workers', () => stack.up({ scale: { 'access-logs': 3 } }))
    await step('all files imported, although a worker was killed meanwhile', async () => {
      const importing = program('import', '/data/logs')
      const victim = await until('a worker that works', async () => {
        const lines = await count(stack)
        return lines > 0 ? stack.kill('access-logs') : undefined
      })
      const said = await importing
      return `${victim} was killed; ${said.trim().split('\n').at(-1)}`
    })
    await step('every line is there once', async () => {
      const lines = await count(stack)
      expect(lines === DAYS * LINES, `${lines} lines`)
      return `${lines} lines`
    })
    await step('imported again: nothing changes', async () => {
      await program('import', '/data/logs')
      expect((await count(stack)) === DAYS * LINES, 'there are lines twice')
    })
    await step('the count of each uri per day', async () => {
      const report = await program('report')
      expect(report.includes('2017-11-01'), report)
      return `\n${report.trim().split('\n').slice(0, 6).join('\n').replace(/^/gm, '      ')}`
    })
  },
}

/** Lines in the database. */
async function count(stack: Stack): Promise<number> {
  const query = ['psql', '-U', 'jobport', '-d', 'access_logs', '-Atc', 'select count(*) from access_logs.requests']
  return Number(await stack.compose('exec', '-T', 'postgres', ...query))
}
