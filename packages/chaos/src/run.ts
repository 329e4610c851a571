// npm run -s chaos -- --help
import { commandLine, refuse } from './command-line.ts'
import { mutantNames, mutants, type MutantName } from './mutants/mutants.ts'
import { backendNames, smoke, type BackendName, type Setting } from './plan/setting.ts'
import { report } from './report/report.ts'
import { runChaos } from './run-chaos.ts'

const USAGE = `Usage: npm run -s chaos -- ${backendNames.join('|')} [--jobs N] [--kills N] [--seed N] [--smoke] [--keep] [--mutant NAME | --mutants]

Lets producers and workers work as processes while they, and the servers, are killed, stopped and restarted; then holds what happened against the promises.
  --jobs N, --kills N   how many jobs, and how many incidents meanwhile (10000, 200)
  --seed N              of the plan; the same seed makes the same one
  --smoke               a short one (${smoke.jobs} jobs, ${smoke.kills} incidents)
  --keep                leaves the history where it is, and says where
  --mutant NAME         with a build that is broken on purpose: ${mutantNames.join(', ')}
  --mutants             each of those, shortly; every one must be found out`

const { values, positionals } = commandLine(USAGE, {
  jobs: { type: 'string' },
  kills: { type: 'string' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  smoke: { type: 'boolean', default: false },
  mutant: { type: 'string' },
  keep: { type: 'boolean', default: false },
  mutants: { type: 'boolean', default: false },
})

const backend = oneOf(positionals[0], backendNames, 'backend') as BackendName
const setting: Setting = {
  backend,
  keep: values.keep,
  seed: whole(values.seed, 'seed'),
  jobs: whole(values.jobs ?? (values.smoke ? String(smoke.jobs) : '10000'), 'jobs'),
  kills: whole(values.kills ?? (values.smoke ? String(smoke.kills) : '200'), 'kills'),
  ...(values.mutant !== undefined && { mutant: oneOf(values.mutant, mutantNames, 'mutant') as MutantName }),
}

if (values.mutants) await tryMutants()
else await tryOne()

async function tryOne(): Promise<void> {
  console.log(`Seed ${setting.seed}: ${setting.jobs} jobs and ${setting.kills} incidents on ${backend}`)
  const outcome = await runChaos(setting, console.log)
  console.log(report(outcome))
  if (outcome.judgement.violations.length > 0) process.exitCode = 1
}

/** Whether the judge sees what is wrong with each mutant. */
async function tryMutants(): Promise<void> {
  for (const mutant of mutantNames) {
    const { judgement } = await runChaos({ ...setting, ...smoke, mutant })
    const { flaw, shows } = mutants[mutant]
    const seen = judgement.violations.find(({ promise, how }) => shows.test(`${promise}: ${how}`))
    console.log(
      seen ? `✓ ${mutant.padEnd(20)} ${seen.promise}: ${seen.how}` : `✗ ${mutant.padEnd(20)} not caught: ${flaw}`,
    )
    if (seen === undefined) process.exitCode = 1
  }
}

function oneOf(word: string | undefined, known: readonly string[], what: string): string {
  if (word !== undefined && known.includes(word)) return word
  return refuse(`${word ?? 'nothing'} is not a ${what}; known are ${known.join(', ')}`, USAGE)
}

function whole(text: string, option: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0) return number
  return refuse(`--${option} ${text} is not usable; give an integer from 0 up`, USAGE)
}
