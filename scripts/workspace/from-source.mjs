// `node --import …/from-source.mjs program.ts`: runs a program against the sources of this workspace, as vitest does,
// for tests that need a process of their own (to kill it, say). Needs a Node that strips types: 22.18 or newer.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

registerHooks({
  resolve(specifier, context, next) {
    return next(specifier, { ...context, conditions: [...context.conditions, 'jobport-source'] })
  },
  load(url, context, next) {
    if (!/\.(sql|lua)$/.test(url)) return next(url, context)
    const source = `export default ${JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))}`
    return { format: 'module', source, shortCircuit: true }
  },
})
