import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { textModules } from './scripts/text-modules.ts'

const conditions = ['jobport-source', ...defaultServerConditions]

export default defineConfig({
  plugins: [textModules()],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{packages,examples}/*/{src,test}/**/*.test.ts', '{bench,scripts}/**/*.test.ts'],
    globalSetup: ['scripts/services/for-tests.ts'],
    maxWorkers: 2,
    typecheck: {
      enabled: true,
      include: ['{packages,examples}/*/{src,test}/**/*.test-d.ts'],
      tsconfig: 'tsconfig.json',
    },
  },
})
