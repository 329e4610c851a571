import { program } from '../../tsup.base.ts'

export default program(['main/api', 'main/controller', 'main/check-schema'], {
  // A CommonJS package with its WebAssembly beside it cannot be bundled. Only check-schema needs it, when the image is built.
  external: ['libpg-query'],
})
