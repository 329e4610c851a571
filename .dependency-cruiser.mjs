// Who may import whom: contract ← ground ← { queue, worker, compose, memory, testing } ← entry points, nothing the
// other way; packages meet only at published entry points.
const tests = '\\.(test|test-d)\\.ts$|/test/'
const upper = 'queue|worker|compose|memory|testing'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other to run are one file, or hide a third. Types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'contract-stands-alone',
      comment: 'The contract is what every backend depends on; it depends on nothing.',
      severity: 'error',
      from: { path: '^packages/core/src/contract/', pathNot: tests },
      to: { pathNot: '^packages/core/src/contract/' },
    },
    {
      name: 'core-looks-down',
      comment: 'Definitions, retry, batch, notify and the like know nothing of the queue and the worker above them.',
      severity: 'error',
      from: { path: '^packages/core/src/[^/]+/', pathNot: [`^packages/core/src/(${upper})/`, tests] },
      to: { path: `^packages/core/src/(${upper})/` },
    },
    {
      name: 'core-entry-points-are-for-others',
      comment: 'Inside core, import the file that holds the thing, not the entry point that lists it.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: tests },
      to: { path: '^packages/core/src/[^/]+\\.ts$' },
    },
    {
      name: 'adapters-use-the-adapter-kit',
      comment:
        'An adapter applies what core decided; it imports @jobport/core/adapter and never the queue or the worker. A function for AWS Lambda is a worker.',
      severity: 'error',
      from: { path: '^packages/[^/]+-adapter/src/', pathNot: [tests, '^packages/sqs-adapter/src/lambda/'] },
      to: { path: '^packages/(?!core/src/adapter\\.ts$)', pathNot: '^packages/[^/]+-adapter/src/' },
    },
    {
      name: 'adapters-ignore-each-other',
      severity: 'error',
      from: { path: '^packages/([^/]+-adapter)/src/', pathNot: tests },
      to: { path: '^packages/[^/]+-adapter/', pathNot: '^packages/$1/' },
    },
    {
      name: 'notifier-uses-the-notify-contract',
      comment: 'The notifier imports @jobport/core/notify.',
      severity: 'error',
      from: { path: '^packages/notifier/src/', pathNot: tests },
      to: { path: '^packages/(?!core/src/notify\\.ts$|notifier/)' },
    },
    {
      name: 'conformance-uses-entry-points',
      comment: 'The suite sees a backend as a third party does.',
      severity: 'error',
      from: { path: '^packages/conformance/' },
      to: { path: '^packages/(?!core/src/(index|adapter|testing|notify)\\.ts$|conformance/)' },
    },
    {
      name: 'published-entry-points-only',
      comment: 'Another package is imported by its published name, so what we run is what users get.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|examples/[^/]+|bench|docs|scripts)/' },
      to: {
        path: '^packages/[^/]+/',
        pathNot: [
          '^$1/',
          '^packages/core/src/(index|adapter|notify|testing)\\.ts$',
          '^packages/notifier/src/(email|live)\\.ts$',
          '^packages/[^/]+/src/index\\.ts$',
          '^packages/telemetry/src/(opentelemetry|prometheus)\\.ts$',
        ],
      },
    },
    {
      name: 'no-relative-path-out-of-a-package',
      severity: 'error',
      from: { path: '^(packages/[^/]+|examples/[^/]+|bench)/', pathNot: 'tsup\\.config\\.ts$' },
      // Tests may start servers of their own.
      to: {
        path: '^(packages|examples|bench|scripts)/',
        pathNot: ['^$1/', '^scripts/services/'],
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'declared-dependencies',
      comment: 'What a published package imports stands in its package.json.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      // Packages of ours stand there twice, as peer and for development, and count as the latter. What the root needs for the tests of all
      // counts as both.
      to: {
        pathNot: '^packages/',
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'],
        dependencyTypesNot: ['npm', 'npm-peer'],
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vitepress' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|reference|cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['jobport-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.sql', '.lua'],
    },
  },
}
