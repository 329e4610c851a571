// pnpm bench <suite> [--quick] [--json FILE]: measures the built packages.
import { join } from 'node:path'
import { bootstrap } from './workspace/bootstrap.mjs'
import { build } from './workspace/build.mjs'
import { become } from './workspace/node.mjs'
import { root } from './workspace/paths.mjs'
import { stop } from './workspace/stop.mjs'

bootstrap()
await build(['@jobport/bench']).catch(stop)
become([join(root, 'bench/src/run.ts'), ...process.argv.slice(2)])
