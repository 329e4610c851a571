// npm run -s deliveries -- --help
import { commandLine, refuse } from '../command-line.ts'
import { statefulNames, type StatefulName } from '../plan/setting.ts'
import { deliveriesMutants, full, short, type DeliveriesSetting } from './plan.ts'
import { runDeliveries } from './run-deliveries.ts'

const USAGE = `Usage: npm run -s deliveries -- ${statefulNames.join('|')} [--outcomes N] [--kills N] [--seed N] [--mutants]

Lets jobs finish while the sender of their notifications is killed and their receiver fails; then counts who was told what.
  --outcomes N, --kills N   how many jobs, and how often the sender is killed (${full.outcomes}, ${full.kills})
  --seed N                  of the plan; the same seed makes the same one
  --mutants                 with senders that are broken on purpose, shortly; every one must be found out`

const { values, positionals } = commandLine(USAGE, {
  outcomes: { type: 'string', default: String(full.outcomes) },
  kills: { type: 'string', default: String(full.kills) },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  mutants: { type: 'boolean', default: false },
})

const backend = positionals[0] as StatefulName
const numbers = [values.outcomes, values.kills, values.seed].map(Number)
const [outcomes = 0, kills = 0, seed = 0] = numbers
if (!statefulNames.includes(backend)) refuse(`${backend ?? 'nothing'} is not a backend`, USAGE)
if (!numbers.every((number) => Number.isInteger(number) && number >= 0) || outcomes < 1)
  refuse('--outcomes, --kills and --seed are whole numbers, the first of them from 1 up', USAGE)

if (values.mutants) {
  for (const mutant of deliveriesMutants) {
    const { problems } = await runDeliveries({ backend, seed, ...short, mutant })
    console.log(problems.length > 0 ? `✓ ${mutant.padEnd(28)} ${problems[0]}` : `✗ ${mutant.padEnd(28)} not caught`)
    if (problems.length === 0) process.exitCode = 1
  }
} else await tryOne({ backend, seed, outcomes, kills })

async function tryOne(setting: DeliveriesSetting): Promise<void> {
  console.log(`Seed ${seed}: ${outcomes} outcomes and ${kills} kills of the sender on ${backend}`)
  const { told, requests, failed, repeated, kills: killed, lost, problems, seconds } = await runDeliveries(setting)
  console.log(
    `${requests} requests in ${seconds.toFixed(1)} s, ${failed} of them failed, the sender was killed ${killed} times, ${lost} attempts lost their job`,
  )
  console.log(`${told} ids after the receiver's deduplication; ${repeated} of them came more than once`)
  for (const problem of problems.slice(0, 20)) console.log(`✗ ${problem}`)
  if (problems.length > 20) console.log(`and ${problems.length - 20} more`)
  console.log(problems.length === 0 ? 'Every outcome was told, and no other.' : 'That is not what was promised.')
  if (problems.length > 0) process.exitCode = 1
}
