import { runProcessor } from '../processor/run-processor.ts'
import { simulatedWork } from '../processor/work.ts'

await runProcessor(({ WORK_MS, WORK_FAILS_FOR }) => simulatedWork({ takes: WORK_MS, failsFor: WORK_FAILS_FOR }))
