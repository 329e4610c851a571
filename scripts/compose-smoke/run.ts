// pnpm compose:smoke [profile …] [--keep]: builds the images, starts a profile with docker compose, drives it from outside as a client would,
// kills containers in the middle, and takes it down. `--keep` leaves it running. Needs Docker with compose; where its images cannot be
// pulled, make local stand-ins for them first.
import { parseArgs } from 'node:util'
import type { Drive } from './drive.ts'
import { accessLogs } from './drives/access-logs.ts'
import { media } from './drives/media.ts'
import { monitoring } from './drives/monitoring.ts'
import { tasker } from './drives/tasker.ts'
import { urlChecker } from './drives/url-checker.ts'
import { writerProcessor } from './drives/writer-processor.ts'
import { Stack } from './stack.ts'

const drives: readonly Drive[] = [media, tasker, writerProcessor, urlChecker, accessLogs, monitoring]

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !drives.some((drive) => drive.name === name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}; there are ${drives.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

const chosen = drives.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const failed: string[] = []
for (const drive of chosen) if (!(await succeeds(drive))) failed.push(drive.name)
console.log(`${chosen.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

async function succeeds(drive: Drive): Promise<boolean> {
  console.log(`\n${drive.name}`)
  const stack = await Stack.open(drive.name, drive.profiles, drive.variables)
  let passed = false
  try {
    await step('left from before: nothing', () => stack.down())
    await step('images built', async () => {
      await stack.compose('build', ...drive.builds)
      return drive.builds.join(', ')
    })
    await drive.run(stack, step)
    passed = true
  } catch (error) {
    console.log(`  ✗ ${said(error)}`)
    console.log((await stack.compose('logs', '--no-color', '--tail', '15').catch(String)).replace(/^/gm, '      '))
  }
  if (values.keep) console.log('  – left running')
  else await step('taken down', () => stack.down())
  return passed
}

async function step<T>(what: string, act: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const answer = await act().catch((error: unknown) => {
    throw new Error(`${what}: ${said(error)}`, { cause: error })
  })
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  console.log(`  ✓ ${what}${typeof answer === 'string' ? `: ${answer}` : ''} (${seconds} s)`)
  return answer
}

function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && !error.message.includes(error.cause.message)
    ? `${error.message} (${error.cause.message})`
    : error.message
}
