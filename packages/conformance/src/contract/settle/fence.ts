import assert from 'node:assert/strict'
import type { Settlement } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { completed, dead, ENDS, failed, forged, returned } from '../../stage/settlements.ts'

const MALFORMED = [
  '',
  ' ',
  ':',
  '1',
  '1:',
  ':x',
  'x',
  '-1:x',
  '99999999999999999999:x',
  '1:\u{1f600}',
  `1:${'x'.repeat(500)}`,
  "1:'; --",
  'null',
  '{}',
]

/** Cases that hold for each of the four ends of a claim. */
function forEachEnd(
  first: number,
  cases: (end: Settlement['to'], id: (offset: number) => string) => readonly Case[],
): Case[] {
  return (Object.keys(ENDS) as Settlement['to'][]).flatMap((end, index, { length }) =>
    cases(end, (offset) => `A3.${first + offset * length + index}`),
  )
}

const called: Readonly<Record<Settlement['to'], string>> = {
  completed: 'completion',
  dead: 'death',
  cancelled: 'cancellation',
  waiting: 'return',
}

export const fence: readonly Case[] = [
  ...forEachEnd(10, (end, id) => [
    rule(
      id(0),
      `a repeated ${called[end]} is applied again and changes nothing`,
      ['state'],
      async ({ active, backend, record }) => {
        const held = await active()
        const settlement = ENDS[end](held)
        assert.deepEqual(await backend.settle([settlement]), ['applied'])
        const before = await record(held.lease.id)
        assert.deepEqual(
          await backend.settle([settlement]),
          ['applied'],
          'the repeat of an applied settlement must be answered "applied"',
        )
        assert.deepEqual(await record(held.lease.id), before, 'the repeat of a settlement changed the record')
      },
    ),

    rule(
      id(1),
      `a ${called[end]} with a stale token is lost and changes nothing`,
      ['state'],
      async ({ active, backend, record, takeOne, nothing, time }) => {
        const stale = await active({}, { lease: time.unit })
        const held = await takeOne()
        const before = await record(held.lease.id)
        assert.deepEqual(
          await backend.settle([ENDS[end](stale)]),
          ['lost'],
          'a claim that lost its lease could still settle',
        )
        assert.deepEqual(await record(held.lease.id), before, 'a stale token changed the record')
        await nothing('a stale token made the job claimable')
        assert.deepEqual(
          await backend.settle([completed(held)]),
          ['applied'],
          'a stale token ended the claim of another',
        )
      },
    ),

    rule(
      id(2),
      `a ${called[end]} with a forged token is lost and changes nothing`,
      ['state'],
      async ({ active, backend, record, nothing }) => {
        const held = await active()
        const before = await record(held.lease.id)
        assert.deepEqual(
          await backend.settle([ENDS[end](forged(held))]),
          ['lost'],
          'a token with the right number and another random part was accepted',
        )
        assert.deepEqual(await record(held.lease.id), before, 'a forged token changed the record')
        await nothing('a forged token made the job claimable')
      },
    ),

    rule(
      id(3),
      `a ${called[end]} after the job was returned and claimed again changes nothing`,
      ['state'],
      async ({ active, backend, settle, takeOne, record }) => {
        const old = await active()
        await settle(returned(old))
        const held = await takeOne()
        const before = await record(held.lease.id)
        const [answer] = await backend.settle([ENDS[end](old)])
        assert.ok(
          answer === 'lost' || answer === 'applied',
          `a token that settled earlier was answered ${String(answer)}`,
        )
        assert.deepEqual(await record(held.lease.id), before, 'the token of an earlier claim changed the record')
        await settle(completed(held))
      },
    ),

    rule(
      id(4),
      `a ${called[end]} of a job that another claim has finished is lost`,
      ['state'],
      async ({ active, backend, takeOne, settle, record, time, nothing }) => {
        const stale = await active({}, { lease: time.unit })
        const held = await takeOne()
        await settle(completed(held))
        const before = await record(held.lease.id)
        assert.deepEqual(await backend.settle([ENDS[end](stale)]), ['lost'])
        assert.deepEqual(await record(held.lease.id), before, 'a stale token changed a finished job')
        await nothing('a stale token brought a finished job back')
      },
    ),
  ]),

  rule(
    'A3.40',
    'the first settlement of a token stands, whatever a later one says',
    ['state'],
    async ({ active, backend, record, nothing }) => {
      const held = await active()
      await backend.settle([completed(held, { keep: 3_600_000 })])
      const before = await record(held.lease.id)
      assert.deepEqual(await backend.settle([dead(held), failed(held)]), ['applied', 'applied'])
      assert.deepEqual(await record(held.lease.id), before, 'a second settlement of one token changed the record')
      await nothing('a second settlement of one token brought the job back')
    },
  ),

  rule('A3.41', 'a repeat is applied also when the record was dropped', ['state'], async ({ active, backend }) => {
    const held = await active()
    assert.deepEqual(await backend.settle([completed(held, { keep: 0 })]), ['applied'])
    assert.deepEqual(
      await backend.settle([completed(held, { keep: 0 })]),
      ['applied'],
      'the token of a dropped job was forgotten',
    )
    assert.deepEqual(await backend.settle([completed(forged(held))]), ['lost'])
  }),

  rule('A3.42', 'a job that is unknown is lost', ['state'], async ({ backend }) => {
    assert.deepEqual(await backend.settle([completed({ lease: { id: 'unknown', queue: 'work', token: '1:abc' } })]), [
      'lost',
    ])
    assert.deepEqual(await backend.settle([failed({ lease: { id: 'unknown', queue: 'unknown', token: '1:abc' } })]), [
      'lost',
    ])
  }),

  rule('A3.43', 'a malformed token is lost', ['state'], async ({ active, backend, state }) => {
    const { lease } = await active()
    for (const token of MALFORMED) {
      assert.deepEqual(
        await backend.settle([completed({ lease: { ...lease, token } })]),
        ['lost'],
        `token ${JSON.stringify(token)}`,
      )
    }
    assert.equal(await state(lease.id), 'active')
  }),

  rule(
    'A3.44',
    'a malformed token is lost also where nobody holds the job',
    ['state'],
    async ({ given, backend, state, takeOne }) => {
      const { id } = await given()
      for (const token of MALFORMED) {
        assert.deepEqual(
          await backend.settle([completed({ lease: { id, queue: 'work', token } })]),
          ['lost'],
          `token ${JSON.stringify(token)}`,
        )
      }
      assert.equal(await state(id), 'waiting')
      await takeOne()
    },
  ),

  rule(
    'A3.46',
    'an expired lease that nobody took over may still settle',
    ['state'],
    async ({ active, backend, time, state }) => {
      const held = await active({}, { lease: time.unit })
      await time.pass(2 * time.unit)
      assert.deepEqual(await backend.settle([completed(held)]), ['applied'], 'nobody else held the job')
      assert.equal(await state(held.lease.id), 'completed')
    },
  ),
]
