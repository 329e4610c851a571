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
import storingPlain from '../lua/storing-plain.lua'
import storing from '../lua/storing.lua'
import sweepAt from '../lua/sweep-at.lua'
import sweeping from '../lua/sweeping.lua'
import taking from '../lua/taking.lua'
import timing from '../lua/time.lua'
import wake from '../lua/wake.lua'
import { script, type Script } from './script.ts'

export type Scripts = Readonly<
  Record<
    | 'cancel'
    | 'claim'
    | 'counts'
    | 'enqueue'
    | 'enqueueOne'
    | 'enqueuePlain'
    | 'exchange'
    | 'extend'
    | 'find'
    | 'leave'
    | 'list'
    | 'locate'
    | 'pause'
    | 'remove'
    | 'report'
    | 'retry'
    | 'settle',
    Script
  >
>

/** Time is the server's, never a client's. */
const SERVER_TIME = "local function server_time() return redis.call('TIME') end"

/** All scripts. `time`: Lua that defines where they get the time from. */
export function makeScripts(time: string = SERVER_TIME): Scripts {
  const clock = [time, timing, wake, sweepAt].join('\n')
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
    settle: script('settle', clock, shortWay, settlePlain, base, store, ending, settling, settle),
  }
}
