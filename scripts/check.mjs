// .ci/run, npm run check [-- NAME …]: everything but the tests that must hold before a change lands, or the named parts of it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bootstrap } from './workspace/bootstrap.mjs'
import { environment, node } from './workspace/node.mjs'
import { root } from './workspace/paths.mjs'
import { pnpm } from './workspace/pnpm.mjs'

/** @typedef {{ name: string, args: string[] }} Check */

/** @param {string} name */
const script = (name) => [pnpm, '--silent', 'run', name]

// The build has the machine to itself; the rest goes two at a time, the longest first.
/** @type {Check[]} */
const first = [{ name: 'build', args: [join(root, 'scripts/build.mjs')] }]
/** @type {Check[]} */
const rest = [
  { name: 'docs', args: script('docs:build') },
  { name: 'consumers', args: script('check:consumers') },
  { name: 'packages', args: script('check:packages') },
  { name: 'types', args: script('typecheck') },
  { name: 'doc-code', args: script('check:doc-code') },
  { name: 'lint', args: script('lint') },
  { name: 'format', args: script('format:check') },
  { name: 'dependencies', args: script('check:deps') },
  { name: 'knip', args: script('knip') },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => ![...first, ...rest].some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no check ${unknown.join(', ')}; there are ${[...first, ...rest].map((each) => each.name).join(', ')}.`,
  )
  process.exit(2)
}

bootstrap()
const failed = [...(await runAll(chosen(first), 1)), ...(await runAll(chosen(rest), 2))]
const count = chosen(first).length + chosen(rest).length
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}. One alone: node scripts/check.mjs ${failed[0]}`)
console.log(`${count - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

/** @param {Check[]} checks */
function chosen(checks) {
  return checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
}

/**
 * Resolves to the names of those that failed.
 * @param {Check[]} checks
 * @param {number} atOnce
 */
async function runAll(checks, atOnce) {
  const waiting = [...checks]
  /** @type {string[]} */
  const failures = []
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) if (!(await run(check))) failures.push(check.name)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return failures
}

/** @param {Check} check */
async function run({ name, args }) {
  const started = Date.now()
  const child = spawn(node, args, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const each of [child.stdout, child.stderr]) each.on('data', (text) => (output += text))
  const passed = await new Promise((resolve) => child.on('close', (code) => resolve(code === 0)))
  const time = `${((Date.now() - started) / 1000).toFixed(1)} s`
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(13)}${time.padStart(8)}`)
  if (!passed && output) console.log(`\n${output.trimEnd()}\n`)
  return passed
}
