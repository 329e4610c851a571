import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Options } from 'tsup'
import { build } from 'vite'
import { program } from '../../tsup.base.ts'

export default {
  ...(program(['main/api', 'main/checker', 'main/token']) as Options),
  onSuccess: async () => {
    await checkTypes()
    await build({ logLevel: 'warn' })
  },
} satisfies Options

/** Of the page: the compiler of the rest does not read `.vue`. */
async function checkTypes(): Promise<void> {
  const program = fileURLToPath(import.meta.resolve('vue-tsc/bin/vue-tsc.js'))
  const child = spawn(process.execPath, [program, '--noEmit', '--project', 'page'], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('The types of the page are wrong.')
}
