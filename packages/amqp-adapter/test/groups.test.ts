import { testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { serverHarness } from './harness.ts'

await testBackend(serverHarness('amqp with groups', { queueType: 'classic', groups: 4 }), { describe, it })
