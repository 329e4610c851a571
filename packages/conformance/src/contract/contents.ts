import assert from 'node:assert/strict'
import type { ClaimedJob, NewJob } from '@jobport/core/adapter'
import fc from 'fast-check'
import { chapter, rule } from '../suite/case.ts'
import type { Need } from '../suite/case.ts'
import type { Stage } from '../stage/stage.ts'
import { completed } from '../stage/settlements.ts'
import { STRANGE } from '../stage/words.ts'

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-'

/** Any character but NUL and lone surrogates. */
const codePoint = fc
  .oneof(
    fc.integer({ min: 1, max: 0xff }),
    fc.integer({ min: 0x100, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code))

export const contents = chapter('A14', 'contents', [
  rule('A14.1', 'payloads come back unchanged, whatever they say', async (stage) => {
    await unchanged(
      stage,
      STRANGE.map((text) => ({ payload: JSON.stringify(text) })),
    )
  }),

  rule('A14.2', 'JSON text is not read, sorted, trimmed or rounded', async (stage) => {
    const texts = [
      'null',
      '0',
      '""',
      '[]',
      '{}',
      ' {"b" : 1,\n"a": 2 } ',
      '{"a":1,"a":2}',
      '12345678901234567890',
      '1.0',
      '-0',
      '1e400',
      '"\\u0000 \\ud800 \\udfff"',
      '{"__proto__":{"a":1}}',
      '[[[[[[]]]]]]',
      `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    ]
    await unchanged(
      stage,
      texts.map((payload) => ({ payload })),
    )
  }),

  rule('A14.3', 'headers come back unchanged, whatever their values say', async (stage) => {
    const strange = STRANGE.filter((text) => text.length < 1_000)
    await unchanged(stage, [{ headers: {} }, ...strange.map((text) => ({ headers: { 'x-strange': text } }))])
  }),

  rule('A14.4', 'headers may have names that are special elsewhere', async (stage) => {
    const names = ['constructor', 'tostring', 'length', 'x-a.b_c', '1', '0', '-', 'a'.repeat(80)]
    await unchanged(stage, [{ headers: Object.fromEntries(names.map((name) => [name, `value of ${name}`])) }])
  }),

  rule('A14.5', 'a policy comes back unchanged, and none is none', async (stage) => {
    await unchanged(stage, [{}, { policy: 'null' }, ...STRANGE.map((text) => ({ policy: JSON.stringify(text) }))])
  }),

  rule(
    'A14.6',
    'ids, names and queues of any allowed form are told apart and come back',
    async ({ backend, job, takeOne }) => {
      const name = CHARACTERS.repeat(2).slice(0, 80)
      const forms = [name, 'a', 'A', '0', '.', '-', ':', '_', '..', '-a', 'constructor', '__proto__', 'a:b', 'a.b']
      for (const form of forms) {
        const given = job({ id: form, queue: form, name: form })
        assert.deepEqual(await backend.enqueue([given]), [{ status: 'enqueued' }], `id and queue ${form}`)
        const { lease, name: called } = await takeOne({ queue: form })
        assert.deepEqual([lease.id, lease.queue, called], [form, form, form])
      }
    },
  ),

  rule('A14.7', 'the longest id is accepted', async ({ active, settle }) => {
    const id = CHARACTERS.repeat(2).slice(0, 128)
    const held = await active({ id })
    assert.equal(held.lease.id, id)
    await settle(completed(held))
  }),

  rule('A14.8', 'priority and group come back with the claim', ['priority', 'group'], async ({ active }) => {
    const { priority, group } = await active({ priority: 1, group: 'g' })
    assert.deepEqual({ priority, group }, { priority: 1, group: 'g' })
  }),

  rule('A14.9', 'a payload at the byte limit comes back whole', async ({ active, limits }) => {
    const payload = JSON.stringify('p'.repeat(Math.min(limits.payloadBytes, 16 * 1_048_576) - 2))
    const held = await active({ payload })
    assert.ok(held.payload === payload, `of ${payload.length} characters ${held.payload.length} came back, or others`)
  }),

  rule('A14.10', 'the byte limit is one of bytes, not of characters', async ({ active, limits }) => {
    const payload = JSON.stringify('漢'.repeat(Math.floor((Math.min(limits.payloadBytes, 1_048_576) - 2) / 3)))
    const held = await active({ payload })
    assert.ok(held.payload === payload, `of ${payload.length} characters ${held.payload.length} came back, or others`)
  }),

  rule('A14.11', 'any job comes back from claim as it was enqueued', async (stage) => {
    const text = fc.string({ unit: codePoint, maxLength: 40 })
    const anyJob = fc.record(
      {
        payload: fc.json({ stringUnit: codePoint }),
        name: fc.string({ unit: fc.constantFrom(...Array.from(CHARACTERS)), minLength: 1, maxLength: 80 }),
        headers: fc.dictionary(
          fc.string({
            unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789-_.')),
            minLength: 1,
            maxLength: 20,
          }),
          text,
        ),
        policy: fc.json(),
      },
      { requiredKeys: ['payload', 'name', 'headers'] },
    )
    await unchanged(stage, fc.sample(anyJob, { numRuns: 60, seed: 1 }))
  }),

  rule('A14.12', 'a job comes back from find as it was enqueued', ['state'], async ({ givenMany, backend }) => {
    const given = await givenMany(STRANGE.length, (index) => ({
      payload: JSON.stringify(STRANGE[index]),
      headers: { strange: STRANGE[index]!.slice(0, 1_000) },
    }))
    const found = await backend.inspect.find(given.map(({ id }) => id))
    for (const [index, { payload, headers }] of given.entries()) {
      assert.deepEqual(
        [found[index]?.payload, { ...found[index]?.headers }],
        [payload, headers],
        `job with ${JSON.stringify(STRANGE[index])}`,
      )
    }
  }),

  rule('A14.13', 'a claimed job carries nothing that was not enqueued', async ({ active }) => {
    const held = await active()
    assert.deepEqual([held.policy, held.group, held.cancelRequested ?? false], [undefined, undefined, false])
    assert.deepEqual([held.priority ?? 0, held.redrives], [0, 0])
  }),

  rule(
    'A14.14',
    'enqueuedAt is a moment by the clock of the backend, and goes on',
    async ({ active, time, settle }) => {
      const first = await active()
      await settle(completed(first))
      await time.pass(time.unit)
      const second = await active()
      const between = second.enqueuedAt - first.enqueuedAt
      assert.ok(first.enqueuedAt > Date.UTC(2020), `${first.enqueuedAt} is no time of milliseconds since 1970`)
      assert.ok(
        between >= time.unit - 50 && between <= 20 * time.unit + 10_000,
        `${time.unit} ms passed, enqueuedAt differs by ${between}`,
      )
    },
  ),
])

/** What was enqueued is what is claimed. */
async function unchanged<N extends Need>(
  { givenMany, take }: Stage<N>,
  contents: readonly Partial<NewJob>[],
): Promise<void> {
  const given = await givenMany(contents.length, (index) => contents[index]!)
  const taken = new Map((await take(contents.length)).map((held) => [held.lease.id, held]))
  for (const job of given) {
    const held = taken.get(job.id)
    assert.ok(held !== undefined, `job ${job.id} never came`)
    assert.deepEqual(contentsOf(held), contentsOf(job), 'a job was changed on its way')
  }
}

function contentsOf({ name, payload, headers, policy }: NewJob | ClaimedJob): object {
  return { name, payload, headers: { ...headers }, policy }
}
