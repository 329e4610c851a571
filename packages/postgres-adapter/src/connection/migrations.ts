import add from '../sql/functions/add.sql'
import addOne from '../sql/functions/add_one.sql'
import addSome from '../sql/functions/add_some.sql'
import after from '../sql/functions/after.sql'
import bits from '../sql/functions/bits.sql'
import bitOf from '../sql/functions/bit_of.sql'
import noBits from '../sql/functions/no_bits.sql'
import has from '../sql/functions/has.sql'
import sizeOf from '../sql/functions/size_of.sql'
import seqsOf from '../sql/functions/seqs_of.sql'
import rankOf from '../sql/functions/rank_of.sql'
import cancel from '../sql/functions/cancel.sql'
import claim from '../sql/functions/claim.sql'
import clean from '../sql/functions/clean.sql'
import conclude from '../sql/functions/conclude.sql'
import cutRun from '../sql/functions/cut_run.sql'
import depart from '../sql/functions/depart.sql'
import displace from '../sql/functions/displace.sql'
import dropJob from '../sql/functions/drop_job.sql'
import endingOf from '../sql/functions/ending_of.sql'
import enqueue from '../sql/functions/enqueue.sql'
import enqueueAndClaim from '../sql/functions/enqueue_and_claim.sql'
import enqueueJobs from '../sql/functions/enqueue_jobs.sql'
import exchange from '../sql/functions/exchange.sql'
import extend from '../sql/functions/extend.sql'
import finish from '../sql/functions/finish.sql'
import hold from '../sql/functions/hold.sql'
import isolate from '../sql/functions/isolate.sql'
import jobsFrom from '../sql/functions/jobs_from.sql'
import jobAt from '../sql/functions/job_at.sql'
import joinGroup from '../sql/functions/join_group.sql'
import leaveGroup from '../sql/functions/leave_group.sql'
import listenFor from '../sql/functions/listen_for.sql'
import matching from '../sql/functions/matching.sql'
import mayVacuum from '../sql/functions/may_vacuum.sql'
import ms from '../sql/functions/ms.sql'
import nameKinds from '../sql/functions/name_kinds.sql'
import nameQueue from '../sql/functions/name_queue.sql'
import note from '../sql/functions/note.sql'
import partLease from '../sql/functions/part_lease.sql'
import pause from '../sql/functions/pause.sql'
import place from '../sql/functions/place.sql'
import purge from '../sql/functions/purge.sql'
import release from '../sql/functions/release.sql'
import remove from '../sql/functions/remove.sql'
import report from '../sql/functions/report.sql'
import retry from '../sql/functions/retry.sql'
import ring from '../sql/functions/ring.sql'
import settle from '../sql/functions/settle.sql'
import stir from '../sql/functions/stir.sql'
import take from '../sql/functions/take.sql'
import entries from '../sql/schema/entries.sql'
import meta from '../sql/schema/meta.sql'
import settings from '../sql/schema/settings.sql'
import tables from '../sql/schema/tables.sql'
import aboutToSend from '../sql/store/about_to_send.sql'
import bitsOf from '../sql/store/bits_of.sql'
import forgetToSend from '../sql/store/forget_to_send.sql'
import isReady from '../sql/store/is_ready.sql'
import leaseGoesOn from '../sql/store/lease_goes_on.sql'
import mustSend from '../sql/store/must_send.sql'
import sendAt from '../sql/store/send_at.sql'
import sendLater from '../sql/store/send_later.sql'
import sendResumed from '../sql/store/send_resumed.sql'
import stillWaits from '../sql/store/still_waits.sql'
import storeApply from '../sql/store/store_apply.sql'
import storeBegin from '../sql/store/store_begin.sql'
import storeBeginOne from '../sql/store/store_begin_one.sql'
import storeDue from '../sql/store/store_due.sql'
import storeInsert from '../sql/store/store_insert.sql'
import storeSent from '../sql/store/store_sent.sql'
import stretches from '../sql/store/stretches.sql'
import storeTables from '../sql/store/tables.sql'
import unsend from '../sql/store/unsend.sql'

/** In the order in which they need each other: Postgres looks into those in plain SQL when they are made. */
const FUNCTIONS = [
  [bits, bitOf, noBits, has, sizeOf, seqsOf, rankOf, jobAt, jobsFrom],
  [ms, after, ring, stir, place, hold, cutRun, displace, joinGroup, leaveGroup, release, note, finish, partLease],
  [nameQueue, nameKinds, addOne, add, addSome, enqueue, enqueueJobs],
  [take, claim, enqueueAndClaim, conclude, settle, exchange, extend, isolate, report],
  [dropJob, endingOf, depart, cancel, retry, remove, matching, purge, pause],
  [clean, mayVacuum, listenFor],
].flat()

/** What leads from each version to the next, the first from an empty schema. Only ever appended to. */
export const MIGRATIONS: readonly string[] = [[tables, settings, ...FUNCTIONS, entries, meta].join('\n')]

/** What a schema for a store has besides. */
const STORE: string = [
  storeTables,
  bitsOf,
  isReady,
  stillWaits,
  unsend,
  sendAt,
  sendLater,
  mustSend,
  forgetToSend,
  leaseGoesOn,
  sendResumed,
  aboutToSend,
  storeInsert,
  stretches,
  storeBeginOne,
  storeBegin,
  storeApply,
  storeDue,
  storeSent,
  entries,
].join('\n')

/** As `MIGRATIONS`, for a schema that is the memory of a broker. */
export const STORE_MIGRATIONS: readonly string[] = MIGRATIONS.map((step, index) => (index === 0 ? step + STORE : step))
