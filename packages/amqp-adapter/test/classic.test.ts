import { testBackend } from '@jobport/conformance'
import { describe, it } from 'vitest'
import { serverHarness } from './harness.ts'

await testBackend(serverHarness('amqp, classic queues', { queueType: 'classic', priorities: 10 }), { describe, it })
