import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { ID, LEVEL, METHOD, textOf, TIME, URI, type AccessLine } from '../../ltsv/access-line.ts'
import type { LineSink } from '../../ltsv/line-reader.ts'
import type { Reason } from '../../ltsv/parse-line.ts'
import { Rejects } from '../rejects.ts'
import { Tally } from '../tally.ts'
import { checkLoading } from './check-loading.ts'
import insertCount from './sql/insert-count.sql'
import insertReject from './sql/insert-reject.sql'
import insertRequest from './sql/insert-request.sql'

/** Writes lines as they are read, between `begin` and `commit`. */
export class Batch implements LineSink {
  readonly #database: DatabaseSync
  readonly #file: number
  readonly #requests: StatementSync
  readonly #rejected: StatementSync
  readonly #counts: StatementSync
  readonly #tally = new Tally()
  readonly #rejects = new Rejects()

  constructor(database: DatabaseSync, file: number) {
    this.#database = database
    this.#file = file
    this.#requests = database.prepare(insertRequest)
    this.#rejected = database.prepare(insertReject)
    this.#counts = database.prepare(insertCount)
  }

  /** @throws when another load of the same file has begun */
  begin(): void {
    this.#database.exec('begin immediate')
    checkLoading(this.#database, this.#file)
  }

  keep(number: number, line: AccessLine, bytes: Buffer): void {
    const uri = textOf(line, URI, bytes)!
    this.#requests.run(
      this.#file,
      number,
      textOf(line, TIME, bytes),
      textOf(line, ID, bytes),
      textOf(line, LEVEL, bytes),
      textOf(line, METHOD, bytes),
      uri,
      Number.isNaN(line.reqtime) ? null : line.reqtime,
    )
    this.#tally.add(line.time, uri)
  }

  reject(number: number, reason: Reason, text: Buffer): void {
    this.#rejects.add(number, reason, text)
  }

  commit(isLast: boolean): void {
    for (const { line, reason, text } of this.#rejects.take()) this.#rejected.run(this.#file, line, reason, text)
    if (isLast || this.#tally.isFull)
      for (const { day, uri, count } of this.#tally.take()) this.#counts.run(this.#file, day, uri, count)
    this.#database.exec('commit')
  }
}
