/**
 * The test suite that every jobport backend passes.
 * @module
 */
export { chapters } from './chapters.ts'
export type { Harness } from './harness.ts'
export { annex, capabilities, summaries } from './matrix/capabilities.ts'
export { isWhole, readResults, type Column } from './matrix/column.ts'
export { checkModel, modelTest, type ModelOptions } from './model/model-test.ts'
export type { StoreCase } from './store/store-case.ts'
export type { StoreHarness } from './store/store-harness.ts'
export type { StoreStage } from './store/store-stage.ts'
export { runStoreCase, storeCases, testStore } from './store/test-store.ts'
export type { Case, Chapter, Circumstance, Need } from './suite/case.ts'
export { runCases, type CaseResult } from './suite/run-cases.ts'
export { testBackend, type TestRunner } from './suite/test-backend.ts'
export { onlyChapters, whatTheStoreDecides } from './only-chapters.ts'
