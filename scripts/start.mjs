// npm start: installs, builds and runs the media example; what follows `--` goes to it.
import './workspace/exit-with-parent.mjs'
import { join } from 'node:path'
import { bootstrap } from './workspace/bootstrap.mjs'
import { build } from './workspace/build.mjs'
import { become } from './workspace/node.mjs'
import { root } from './workspace/paths.mjs'
import { stop } from './workspace/stop.mjs'

bootstrap()
await build(['@jobport/example-media']).catch(stop)
become([
  '--import',
  new URL('workspace/exit-with-parent.mjs', import.meta.url).href,
  join(root, 'examples/media/dist/start.js'),
  ...process.argv.slice(2),
])
