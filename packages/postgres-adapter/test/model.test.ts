import { modelTest } from '@jobport/conformance'
import { afterAll, it } from 'vitest'
import { ServerClock } from './virtual.ts'

const clock = new ServerClock()
afterAll(() => clock.close())

modelTest(
  {
    name: 'postgres',
    clock,
    open: (namespace) => clock.open(`m_${namespace}`),
    cleanup: (namespace) => clock.drop(`m_${namespace}`),
  },
  { it },
  { runs: Number(process.env['JOBPORT_MODEL_RUNS'] ?? 60), seed: Number(process.env['JOBPORT_MODEL_SEED'] ?? 1) },
)
