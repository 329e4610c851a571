// pnpm build [package …]: builds what changed.
import { bootstrap } from './workspace/bootstrap.mjs'
import { build } from './workspace/build.mjs'
import { stop } from './workspace/stop.mjs'

const names = process.argv.slice(2).map((name) => (name.startsWith('@') ? name : `@jobport/${name}`))
bootstrap()
await build(names.length > 0 ? names : undefined).catch(stop)
