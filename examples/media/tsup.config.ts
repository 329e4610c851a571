import { cpSync } from 'node:fs'
import type { Options } from 'tsup'
import { program } from '../../tsup.base.ts'

export default {
  ...(program(['start', 'main/producer', 'main/processor', 'main/push']) as Options),
  // What browsers get is as it is written.
  onSuccess: async () => cpSync('src/page', 'dist/page', { recursive: true }),
}
