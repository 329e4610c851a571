import base from '../lua/base.lua'
import cancel from '../lua/cancel.lua'
import claimPlain from '../lua/claim-plain.lua'
import claim from '../lua/claim.lua'
import counts from '../lua/counts.lua'
import digits from '../lua/digits.lua'
import ending from '../lua/ending.lua'
import enqueueOne from '../lua/enqueue-one.lua'
import enqueuePlain from '../lua/enqueue-plain.lua'
import enqueue from '../lua/enqueue.lua'
import exchangePlain from '../lua/exchange-plain.lua'
import exchange from '../lua/exchange.lua'
import extend from '../lua/extend.lua'
import find from '../lua/find.lua'
import firstClaim from '../lua/first-claim.lua'
import handOver from '../lua/hand-over.lua'
import leave from '../lua/leave.lua'
import lines from '../lua/lines.lua'
import list from '../lua/list.lua'
import locate from '../lua/locate.lua'
import operating from '../lua/operating.lua'
import pause from '../lua/pause.lua'
import plain from '../lua/plain.lua'
import reading from '../lua/reading.lua'
import remove from '../lua/remove.lua'
import report from '../lua/report.lua'
import retry from '../lua/retry.lua'
import settlePlain from '../lua/settle-plain.lua'
import settle from '../lua/settle.lua'
import settling from '../lua/settling.lua'
import stamp from '../lua/stamp.lua'
import apply from '../lua/store/apply.lua'
import begin from '../lua/store/begin.lua'
import displacing from '../lua/store/displacing.lua'
import due from '../lua/store/due.lua'
import insert from '../lua/store/insert.lua'
import lining from '../lua/store/lining.lua'
import sent from '../lua/store/sent.lua'
import sweepingSome from '../lua/store/sweeping-some.lua'
import storingPlain from '../lua/storing-plain.lua'
import storing from '../lua/storing.lua'
import sweepAt from '../lua/sweep-at.lua'
import sweeping from '../lua/sweeping.lua'
import taking from '../lua/taking.lua'
import timing from '../lua/time.lua'
import wake from '../lua/wake.lua'
import { script, type Script } from './script.ts'

/** What a backend and a store do alike. */
export type SharedScripts = Readonly<
  Record<'cancel' | 'counts' | 'extend' | 'find' | 'list' | 'locate' | 'pause' | 'remove' | 'report' | 'retry', Script>
>

/** Those of a backend. */
export type Scripts = SharedScripts &
  Readonly<Record<'claim' | 'enqueue' | 'enqueueOne' | 'enqueuePlain' | 'exchange' | 'leave' | 'settle', Script>>

/** Those of a store. */
export type StoreScripts = SharedScripts & Readonly<Record<'apply' | 'begin' | 'due' | 'insert' | 'sent', Script>>

/** Time is the server's, never a client's. */
const SERVER_TIME = "local function server_time() return redis.call('TIME') end"

/** All scripts of a backend. `time`: Lua that defines where they get the time from. */
export function makeScripts(time: string = SERVER_TIME): Scripts {
  const clock = [time, timing, lines, wake, sweepAt].join('\n')
  const shortWay = [firstClaim, plain].join('\n')
  const start = [clock, shortWay, base].join('\n')
  const store = [digits, stamp, storingPlain, storing].join('\n')
  return {
    cancel: script('cancel', start, store, ending, reading, operating, cancel),
    claim: script('claim', clock, shortWay, claimPlain, base, ending, sweeping, taking, claim),
    counts: script('counts', start, ending, sweeping, counts),
    enqueue: script('enqueue', clock, base, store, enqueue),
    enqueueOne: script('enqueue-one', time, timing, digits, enqueueOne, wake, firstClaim, handOver),
    enqueuePlain: script('enqueue-plain', time, timing, wake, digits, storingPlain, enqueuePlain),
    exchange: script(
      'exchange',
      clock,
      shortWay,
      exchangePlain,
      base,
      store,
      ending,
      sweeping,
      taking,
      settling,
      exchange,
    ),
    extend: script('extend', start, settling, extend),
    find: script('find', start, reading, find),
    leave: script('leave', start, leave),
    list: script('list', start, ending, reading, list),
    locate: script('locate', start, locate),
    pause: script('pause', start, pause),
    remove: script('remove', start, ending, reading, operating, remove),
    report: script('report', start, settling, report),
    retry: script('retry', start, digits, stamp, ending, reading, operating, retry),
    settle: script('settle', clock, shortWay, settlePlain, base, store, ending, sweeping, settling, settle),
  }
}

/** All scripts of a store: the parts of a backend's, with other places for jobs to stand. */
export function makeStoreScripts(time: string = SERVER_TIME): StoreScripts {
  const start = [time, timing, lines, wake, sweepAt, firstClaim, plain, base, lining].join('\n')
  const store = [digits, stamp, storingPlain, storing].join('\n')
  return {
    apply: script('store-apply', start, store, ending, settling, apply),
    begin: script('store-begin', start, ending, sweeping, sweepingSome, taking, begin),
    cancel: script('store-cancel', start, store, ending, reading, operating, displacing, cancel),
    counts: script('store-counts', start, ending, sweeping, counts),
    due: script('store-due', start, ending, sweeping, sweepingSome, due),
    extend: script('store-extend', start, settling, extend),
    find: script('store-find', start, reading, find),
    insert: script('store-insert', start, store, insert),
    list: script('store-list', start, ending, reading, list),
    locate: script('store-locate', start, locate),
    pause: script('store-pause', start, pause),
    remove: script('store-remove', start, ending, reading, operating, displacing, remove),
    report: script('store-report', start, settling, report),
    retry: script('store-retry', start, digits, stamp, ending, reading, operating, displacing, retry),
    sent: script('store-sent', start, sent),
  }
}
