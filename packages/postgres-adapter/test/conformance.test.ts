import { testBackend } from '@jobport/conformance'
import type { Backend } from '@jobport/core/adapter'
import { describe, it } from 'vitest'
import { serverHarness } from './harness.ts'
import { forgetRoles, login, prepared } from './logins.ts'

// As a worker: the schema is made by its owner, the backend may do no more than work. As the owner, who migrates by itself, the suite runs through a pooler.
const made = new Map<string, Promise<string>>()

await testBackend(
  {
    ...serverHarness(),
    async open(namespace): Promise<Backend> {
      const schema = `w_${namespace}`
      let url = made.get(schema)
      if (url === undefined) made.set(schema, (url = prepared(schema).then(() => login(schema, 'worker'))))
      return serverHarness({ name: 'worker', url: await url, schema: 'w', migrate: false }).open(namespace)
    },
    async cleanup(namespace) {
      made.delete(`w_${namespace}`)
      await forgetRoles(`w_${namespace}`)
    },
    footprint: (namespace) => serverHarness({ name: 'worker', schema: 'w' }).footprint!(namespace),
  },
  { describe, it },
)
