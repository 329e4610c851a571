// The packages are ESM only; Node can `require` them all the same.
const { createQueue, defineJob, memoryBackend } = require('@jobport/core')

for (const name of ['@jobport/core/adapter', '@jobport/core/notify', '@jobport/core/testing']) require(name)
for (const name of ['@jobport/conformance', '@jobport/notifier', '@jobport/sqlite-adapter']) require(name)
for (const value of [createQueue, defineJob, memoryBackend]) {
  if (typeof value !== 'function') throw new Error('an export is missing')
}
