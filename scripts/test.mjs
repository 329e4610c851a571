// npm test: installs and runs every test; what follows `--` goes to vitest.
import { bootstrap } from './workspace/bootstrap.mjs'
import { become, tool } from './workspace/node.mjs'

bootstrap()
become([tool('vitest/vitest.mjs'), 'run', ...process.argv.slice(2)])
