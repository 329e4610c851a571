import { AssertionError } from 'node:assert/strict'
import { runStoreCase, storeCases, testStore, type StoreHarness } from '@jobport/conformance'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { makeStoreScripts, type StoreScripts } from '../src/scripts/scripts.ts'
import { script } from '../src/scripts/script.ts'
import { removeKeys, serverUrl } from './harness.ts'
import { SharedClock, virtualStore } from './virtual.ts'

const url = serverUrl()
const client = new Redis(url)
const clock = new SharedClock(client)
afterAll(() => client.disconnect())

/** A store in virtual time, with one line of its scripts changed. */
function harness(from = '', to = ''): StoreHarness {
  const changed = (scripts: StoreScripts): StoreScripts =>
    Object.fromEntries(
      Object.entries(scripts).map(([key, { name, text }]) => [
        key,
        script(
          name,
          text.replaceAll(from, () => to),
        ),
      ]),
    ) as StoreScripts
  return {
    name: 'redis',
    clock,
    async open(namespace) {
      await clock.add(`${namespace}+store`)
      return virtualStore(url, namespace, from === '' ? undefined : changed)
    },
    async cleanup(namespace) {
      clock.delete(`${namespace}+store`)
      await removeKeys(url, `${namespace}+store`)
    },
  }
}

/** Errors of the code, what they change, and a case that finds each. */
const mutants: readonly (readonly [name: string, from: string, to: string, found: string])[] = [
  [
    'a claim does not fence',
    "return state.attempt .. ':' .. state.claim == claim",
    'return true',
    'after a lease the next delivery takes over, and only its token settles',
  ],
  [
    'a held job begins again',
    "if begun[id] or tonumber(leases_end[i] or 0) > now then return '' end",
    '',
    'a second message of a job that is held does not run, whatever its number',
  ],
  [
    'a finished job begins again',
    "if is_final(state) then return '' end\n  local is_own",
    'local is_own',
    'a message of a job that is finished, removed or unknown is stale',
  ],
  [
    'a claim that is over begins again',
    'if is_own or due_at > now then',
    'if due_at > now then',
    'a claim that returned its job does not begin it again',
  ],
  [
    'a message begins a job too early',
    'if is_own or due_at > now then',
    'if is_own then',
    'a message that comes before its time is stale, and the job is given out in time',
  ],
  [
    'a message that came too early is forgotten',
    'send_later(id, math.max(now, due_at))',
    '',
    'a message that comes before its time is stale, and the job is given out in time',
  ],
  [
    'what a claim takes over is no crash',
    'start(id, claim, state, note, true)',
    'start(id, claim, state, note, false)',
    'after a lease the next delivery takes over, and only its token settles',
  ],
  [
    'any confirmation is taken',
    "if (name or '') == ARGV[2 * i] then",
    'if true then',
    'a confirmation that comes late is none of a later sending',
  ],
  [
    'a return is taken for a job that is being sent',
    'handed_delay and not returned[id]',
    'handed_delay',
    'a retry is given out when its delay is over, however short that is, and not when it is confirmed',
  ],
  [
    'long delays are handed off',
    'local is_handed = is_new and due_at - from <= handed_delay',
    'local is_handed = is_new',
    'a longer delay than the hand-off is kept here until then, a shorter one is not',
  ],
  [
    'nothing has a grace',
    'math.max(due_at, from) + grace',
    'due_at',
    'what nobody confirms as sent is given out after the grace, whole, and again when its lease ends',
  ],
  [
    'what is given out is not leased',
    "call_with('ZADD', K.unsent, leased)",
    '',
    'two that look at the same time are given different jobs',
  ],
  [
    'leases that ran out are not looked for',
    'if #expired > 0 then',
    'if false then',
    'a job whose lease ran out is given out once, and again after the next',
  ],
  [
    'leases that ran out are seen again and again',
    'lease_one_by_one(K, expired, 0)',
    '',
    'a job whose lease ran out is given out once, and again after the next',
  ],
  [
    'an extended lease is given out',
    'lease_one_by_one(K, ids, ends)\n  unsend(K, ids)',
    'lease_one_by_one(K, ids, ends)',
    'a lease that is extended, late or in time, is not given out before its new end',
  ],
  [
    'a paused queue begins',
    'return paused and hold_back(id) or start(id, claim, state, note, false)',
    'return start(id, claim, state, note, false)',
    'while a queue is paused nothing begins, and what came is given out when it is resumed',
  ],
  [
    'what was held back stays there',
    "if not redis.call('HGET', K.meta, 'paused') then",
    'if false then',
    'while a queue is paused nothing begins, and what came is given out when it is resumed',
  ],
  [
    'what was held back is given out all the same',
    "if not redis.call('HGET', K.meta, 'paused') then",
    'if true then',
    'while a queue is paused nothing begins, and what came is given out when it is resumed',
  ],
  [
    'what leaves the line is sent',
    "redis.call('ZREM', K.later, id)\n  unsend(K, { id })",
    "redis.call('ZREM', K.later, id)",
    'what was removed, cancelled or finished meanwhile is not given out',
  ],
  [
    'an operator is taken for one who sends',
    'local handed_delay, grace',
    'local handed_delay, grace = 1e15, 1e9 local _, _',
    'what an operator sends back to work is given out at once',
  ],
  ['origins are not kept', "' ' .. origin", "' '", 'each call that brings jobs leaves its origin'],
  [
    'what is refused ends its claim',
    "elseif outcome == '?' then",
    'elseif false then',
    'an outcome that can never be stored is refused, unless its claim is over',
  ],
]

testStore({ ...harness(), name: 'redis in virtual time' }, { describe, it })

describe('the cases of a store', () => {
  it.each(mutants)('find that %s', async (_name, from, to, found) => {
    const texts = Object.values(makeStoreScripts()).map(({ text }) => text)
    expect(texts.some((text) => text.includes(from))).toBe(true)
    const run = runStoreCase(
      storeCases.find(({ title }) => title === found)!,
      harness(from, to),
    )
    await expect(run).rejects.toBeInstanceOf(AssertionError)
  })
})
