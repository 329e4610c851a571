import type { Backend, ClaimedJob, ClaimRequest, Settled, Settlement } from '@jobport/core/adapter'
import type { Handed, Sent } from '../history/event.ts'
import type { HistoryFile } from '../history/history-file.ts'
import { changed } from '../mutants/changed.ts'

/** The same backend, that writes down what is asked of it before it is asked, and the answers before they are believed. */
export function recorded(backend: Backend, history: HistoryFile): Backend {
  let calls = 0

  function noteSettlements(settlements: readonly Settlement[]): number {
    const call = ++calls
    history.add({ type: 'settle', call, sent: settlements.map(sentOf) })
    return call
  }

  function noteReplies(call: number, replies: readonly Settled[]): void {
    history.add({
      type: 'settled',
      call,
      replies: replies.map((reply) => (typeof reply === 'string' ? reply : reply.code)),
    })
  }

  function noteClaim({ queue, wait }: ClaimRequest): { readonly call: number; readonly since: number } {
    const call = ++calls
    const since = wait > 0 ? history.add({ type: 'claim', call, queue }) : history.now()
    return { call, since }
  }

  function noteJobs(
    { call, since }: { readonly call: number; readonly since: number },
    { queue, wait, limit }: ClaimRequest,
    jobs: readonly ClaimedJob[],
  ): void {
    if (jobs.length === 0 && wait === 0) return
    history.add({ type: 'claimed', call, queue, since, wait, limit, jobs: jobs.map(handedOf) })
  }

  return changed(backend, {
    async claim(request, signal) {
      const noted = noteClaim(request)
      const jobs = await backend.claim(request, signal)
      noteJobs(noted, request, jobs)
      return jobs
    },
    async settle(settlements) {
      const call = noteSettlements(settlements)
      const replies = await backend.settle(settlements)
      noteReplies(call, replies)
      return replies
    },
    async extend(leases, lease) {
      const since = history.now()
      const replies = await backend.extend(leases, lease)
      history.add({
        type: 'extended',
        since,
        leases: leases.map(({ id, token }, index) => {
          const reply = replies[index]!
          return { id, token, reply: typeof reply === 'string' ? reply : reply.code }
        }),
      })
      return replies
    },
    exchange:
      backend.exchange &&
      (async (settlements, request) => {
        const call = noteSettlements(settlements)
        const noted = noteClaim({ ...request, wait: 0 })
        const exchanged = await backend.exchange!(settlements, request)
        noteReplies(call, exchanged.settled)
        noteJobs(noted, { ...request, wait: 0 }, exchanged.claimed)
        return exchanged
      }),
  })
}

function handedOf({ lease, name, payload, attempt, failures, crashes }: ClaimedJob): Handed {
  const { key } = JSON.parse(payload) as { readonly key?: string }
  return { id: lease.id, token: lease.token, name, key, attempt, failures, crashes }
}

function sentOf({ lease, to, ...rest }: Settlement): Sent {
  return { id: lease.id, token: lease.token, to, ...('counts' in rest && { counts: rest.counts }) }
}
