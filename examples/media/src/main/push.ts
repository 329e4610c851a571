import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError } from '@jobport/example-service'
import { readTokenSecret } from '../configuration.ts'
import { listItems } from '../demo/run/items.ts'
import { createTokens } from '../identity/token.ts'
import { HELP, readArguments, UsageError, type Arguments } from '../push/arguments.ts'
import { createClient } from '../push/client.ts'
import { push } from '../push/push.ts'
import { spread, type Mixture } from '../push/spread.ts'
import { CLIP, DAMAGED, writeSamples } from '../samples/samples.ts'
import { createDisplay } from '../terminal/display.ts'

async function main(): Promise<number> {
  try {
    const parsed = readArguments(process.argv.slice(2))
    if (parsed === 'help') {
      console.log(HELP)
      return 0
    }
    return await run(parsed)
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigurationError)) throw error
    console.error(error.message)
    return 2
  }
}

async function run({ url, user, email, items, videos, damaged, ...limits }: Arguments): Promise<number> {
  const identity = { user, application: 'push', ...(email !== undefined && { email }) }
  const token = await createTokens(readTokenSecret()).sign(identity, '2h')
  const files = await filesFor({ items, videos, damaged })

  console.log(`Handing in ${items} items, ${videos} of them videos and ${damaged} damaged, at ${url.origin}`)
  const display = createDisplay(process.stdout)
  const { completed, dead, missing, seconds, uploadSeconds } = await push(
    createClient(url, token),
    { files, ...limits },
    display,
  ).finally(() => display.close())
  console.log(`
  completed  ${completed}
  dead       ${dead}
  missing    ${missing}
  time       ${seconds.toFixed(1)} s, of which handing in took ${uploadSeconds.toFixed(1)} s
  rate       ${((completed + dead) / seconds).toFixed(1)} items a second
`)
  return missing === 0 && dead === damaged ? 0 : 1
}

/** The samples, over and over. They are drawn once. */
async function filesFor(mixture: Mixture): Promise<readonly string[]> {
  const folder = join(tmpdir(), 'jobport-media-samples')
  await writeSamples(folder, 'all', new AbortController().signal)
  const images = (await listItems(folder)).filter(({ kind, name }) => kind === 'image' && name !== DAMAGED)
  return spread(mixture).map((kind, index) =>
    kind === 'image' ? images[index % images.length]!.source : join(folder, kind === 'video' ? CLIP : DAMAGED),
  )
}

process.exitCode = await main()
