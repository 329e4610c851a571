import type { Extended, Lease, Report, Settled } from '@jobport/core/adapter'
import { ADMISSION } from '../limits.ts'
import { parseTexts, plainArray, textArray } from './array.ts'
import { blockOf, has, JobsOfBlock } from './jobs-of-block.ts'
import type { Value } from './new-jobs.ts'
import { handleOf, parsePrefix, type Claim } from './token.ts'

interface Group {
  readonly claim: Claim
  readonly queue: string
  readonly block: number
  readonly jobs: JobsOfBlock
  readonly entries: { readonly index: number; readonly seq: number }[]
}

/** Leases that are to be extended, by claim and block. */
export class ExtendCall {
  readonly #size: number
  readonly #groups = new Map<string, Group>()

  constructor(leases: readonly Lease[]) {
    this.#size = leases.length
    leases.forEach((lease, index) => {
      const handle = handleOf(lease)
      const claim = handle && parsePrefix(handle.prefix)
      if (claim === undefined) return
      const { prefix, seq } = handle!
      const { queue } = lease
      const block = blockOf(seq)
      const name = `${prefix} ${queue} ${block}`
      let group = this.#groups.get(name)
      if (group === undefined) {
        this.#groups.set(name, (group = { claim, queue, block, jobs: new JobsOfBlock(), entries: [] }))
      }
      group.jobs.add(seq)
      group.entries.push({ index, seq })
    })
  }

  get queues(): Set<string> {
    return new Set([...this.#groups.values()].map(({ queue }) => queue))
  }

  values(queueOf: (queue: string) => number, lease: number): Value[] {
    return [...this.claims(queueOf), lease]
  }

  /** Number, queue, attempt, random part, block and jobs of each. */
  claims(queueOf: (queue: string) => number): Value[] {
    const groups = [...this.#groups.values()]
    return [
      plainArray(groups.map(({ claim }) => claim.no)),
      plainArray(groups.map(({ queue }) => queueOf(queue))),
      plainArray(groups.map(({ claim }) => claim.attempt)),
      plainArray(groups.map(({ claim }) => claim.random)),
      plainArray(groups.map(({ block }) => block)),
      plainArray(groups.map(({ jobs }) => jobs.toString())),
    ]
  }

  answers(extended: string, cancelled: string, busy: string): Extended[] {
    const answers = Array.from({ length: this.#size }, (): Extended => 'lost')
    const [kept, asked, others] = [parseTexts(extended), parseTexts(cancelled), parseTexts(busy)]
    let at = 0
    for (const { entries } of this.#groups.values()) {
      for (const { index, seq } of entries) {
        if (has(kept[at]!, seq)) answers[index] = has(asked[at]!, seq) ? 'cancelled' : 'applied'
        else if (has(others[at]!, seq)) answers[index] = 'unknown'
      }
      at++
    }
    return answers
  }
}

interface News {
  readonly index: number
  readonly report: Report
  readonly seq: number
  readonly claim: Claim
  readonly refused: Settled | undefined
}

/** Reports that are to be stored. */
export class ReportCall {
  readonly #size: number
  readonly #news: News[] = []

  constructor(reports: readonly Report[]) {
    this.#size = reports.length
    reports.forEach((report, index) => {
      const handle = handleOf(report.lease)
      const claim = handle && parsePrefix(handle.prefix)
      if (claim === undefined) return
      const refused = ADMISSION.refuseValue(report.progress, 'the progress', report.lease.id)
      this.#news.push({ index, report, seq: handle!.seq, claim, refused })
    })
  }

  get queues(): Set<string> {
    return new Set(this.#news.map(({ report }) => report.lease.queue))
  }

  values(queueOf: (queue: string) => number): Value[] {
    const news = this.#news
    return [
      plainArray(news.map(({ claim }) => claim.no)),
      plainArray(news.map(({ report }) => queueOf(report.lease.queue))),
      plainArray(news.map(({ claim }) => claim.attempt)),
      plainArray(news.map(({ claim }) => claim.random)),
      plainArray(news.map(({ seq }) => seq)),
      plainArray(news.map(({ refused }) => String(refused === undefined))),
      plainArray(news.map(({ report }) => String(report.begun === true))),
      textArray(news.map(({ report }) => report.progress)),
      textArray(
        news.map(({ report: { logs } }) =>
          logs === undefined || logs.length === 0 ? undefined : JSON.stringify(logs),
        ),
      ),
    ]
  }

  answers(held: string): Settled[] {
    const answers = Array.from({ length: this.#size }, (): Settled => 'lost')
    const flags = held.slice(1, -1).split(',')
    this.#news.forEach(({ index, refused }, at) => {
      if (flags[at] === 't') answers[index] = refused ?? 'applied'
    })
    return answers
  }
}
