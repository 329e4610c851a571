import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { textModules } from './scripts/text-modules.ts'

// What a package offers as `module` is for bundlers: the AWS SDK's cannot be loaded by Node.
const conditions = ['jobport-source', ...defaultServerConditions.filter((condition) => condition !== 'module')]

const everyday = [
  '{packages,examples}/*/{src,test}/**/*.test.ts',
  '{bench,scripts}/**/*.test.ts',
  'docs/test/*.test.ts',
]
// `npm run test:long`: what takes too long for every change.
const long = ['packages/*/test/long/*.test.ts']
const isLong = process.env['npm_lifecycle_event'] === 'test:long'

const SUITE = /\/(conformance(-fifo)?|stored-postgres|smoke|deliveries|pooler|classic|store|cluster)\.test\.ts$/

/** The suites take minutes in small files: begun last, they would keep one worker busy while the others have nothing left. */
class SuitesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const suites = files.filter(({ moduleId }) => SUITE.test(moduleId))
    const others = files.filter(({ moduleId }) => !SUITE.test(moduleId))
    return [...suites, ...others]
  }
}

export default defineConfig({
  plugins: [textModules()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Where the global setup runs.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    include: isLong ? long : everyday,
    exclude: isLong ? [] : ['**/node_modules/**', ...long],
    globalSetup: ['scripts/services/for-tests.ts', 'packages/conformance/test/write-capabilities.ts'],
    // Much of the time goes by in waiting for what has to happen later.
    maxWorkers: 3,
    sequence: { sequencer: SuitesFirst },
    // A test that waits for an event waits as long as a busy machine needs, and so does what starts a server before it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // Less than a test has, so that a failure tells what was there instead.
    expect: { poll: { timeout: 50_000 } },
    coverage: { include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
    typecheck: {
      enabled: true,
      spawnTimeout: 60_000,
      include: ['{packages,examples}/*/{src,test}/**/*.test-d.ts'],
      tsconfig: 'tsconfig.json',
      // `npm run typecheck` reports those; a type test fails for its own reasons.
      ignoreSourceErrors: true,
    },
  },
})
