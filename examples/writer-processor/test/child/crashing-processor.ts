import { runProcessor } from '../../src/processor/run-processor.ts'
import { simulatedWork } from '../../src/processor/work.ts'

/** Dies of messages about `crash`, as of a fault in a native module. */
await runProcessor(({ WORK_MS }) => {
  const work = simulatedWork({ takes: WORK_MS, failsFor: [] })
  return async (message, signal) => {
    if (message.topic === 'crash') process.kill(process.pid, 'SIGKILL')
    await work(message, signal)
  }
})
