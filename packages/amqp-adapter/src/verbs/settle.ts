import type { Admission, BackendError, Lease, Limits, Settled, Settlement } from '@jobport/core/adapter'
import type { Held } from '../receive/delivery.ts'
import type { Holder } from '../receive/holder.ts'
import type { Envelope } from '../wire/envelope.ts'
import { tooLong, type Addressed, type Sending } from './sending.ts'

export interface SettleOptions {
  readonly sending: Sending
  readonly admission: Admission
  readonly limits: Limits
  readonly holderOf: (lease: Lease) => Holder | undefined
}

/** A claim whose outcome has messages, which must be safe before the job itself is let go. */
interface Departing {
  readonly index: number
  readonly holder: Holder
  readonly held: Held
  readonly messages: readonly Addressed[]
  /** One of them is a copy that runs again. */
  readonly returns: boolean
}

/**
 * Ends claims. What follows from an outcome is sent first: follow-ups, the copy of a job that runs again, the copy among the dead. Then the job is
 * acknowledged, which RabbitMQ never confirms: so the answer is `unknown` at best.
 */
export async function settle(options: SettleOptions, settlements: readonly Settlement[]): Promise<readonly Settled[]> {
  const answers = Array.from<Settled>({ length: settlements.length })
  const departing: Departing[] = []
  const touched = new Set<Holder>()
  for (const [index, settlement] of settlements.entries()) {
    const holder = options.holderOf(settlement.lease)
    const held = holder?.find(settlement.lease)
    const messages = refusalOf(options, settlement) ?? (held && messagesOf(options.sending, settlement, held))
    if (messages instanceof Error) answers[index] = messages
    else if (messages === undefined || held!.isSettling) answers[index] = 'lost'
    else if (messages.length > 0) {
      held!.isSettling = true
      departing.push({ index, holder: holder!, held: held!, messages, returns: settlement.to === 'waiting' })
    } else {
      answers[index] = holder!.done(held!, false) ? 'unknown' : 'lost'
      touched.add(holder!)
    }
  }
  for (const holder of touched) holder.flush()
  if (departing.length > 0) await depart(options.sending, departing, answers)
  return answers
}

async function depart(sending: Sending, departing: readonly Departing[], answers: Settled[]): Promise<void> {
  const sent = await sending.send(departing.flatMap(({ messages }) => messages))
  const touched = new Set<Holder>()
  let next = 0
  for (const { index, holder, held, messages, returns } of departing) {
    const problem = sent.slice(next, (next += messages.length)).find((published) => published !== undefined)
    held.isSettling = false
    if (problem !== undefined) answers[index] = problem
    else {
      // Where the channel ended meanwhile the job is given out again, beside what was sent.
      holder.done(held, returns)
      answers[index] = 'unknown'
      touched.add(holder)
    }
  }
  for (const holder of touched) holder.flush()
}

function refusalOf({ admission, limits }: SettleOptions, settlement: Settlement): BackendError | undefined {
  const refused = admission.refuseSettlement(settlement)
  if (refused !== undefined || settlement.to !== 'waiting' || settlement.delay <= limits.retryDelay) return refused
  return tooLong(`job ${settlement.lease.id} is returned with a delay of ${settlement.delay} ms`, limits.retryDelay)
}

/** What must be sent before the job is let go, or why it cannot be. */
function messagesOf(sending: Sending, settlement: Settlement, held: Held): readonly Addressed[] | BackendError {
  const { to, then = [], lease } = settlement
  const messages: Addressed[] = []
  for (const job of then) {
    const message = sending.job(job)
    if (message instanceof Error) return message
    messages.push(message)
  }
  if (to === 'waiting') {
    messages.push(
      sending.again(lease.queue, afterClaim(held, settlement.counts === 'failure' ? 1 : 0), settlement.delay),
    )
  } else if (to === 'dead' && settlement.keep > 0) {
    messages.push(sending.dead(lease.queue, afterClaim(held, 0), settlement.error, settlement.keep))
  }
  return messages
}

function afterClaim({ delivery, attempt }: Held, failed: 0 | 1): Envelope {
  const { envelope, returns } = delivery
  const crashes = envelope.crashes + (returns > 0 ? 1 : 0)
  return { ...envelope, rest: undefined, attempt, failures: envelope.failures + failed, crashes }
}
