/**
 * The test suite that every jobport backend passes.
 * @module
 */
export { chapters } from './chapters.ts'
export type { Harness } from './harness.ts'
export { capabilities, summaries } from './matrix/capabilities.ts'
export { isWhole, readResults, type Column } from './matrix/column.ts'
export { checkModel, modelTest, type ModelOptions } from './model/model-test.ts'
export type { Case, Chapter, Circumstance, Need } from './suite/case.ts'
export { runCases, type CaseResult } from './suite/run-cases.ts'
export { testBackend, type TestRunner } from './suite/test-backend.ts'
