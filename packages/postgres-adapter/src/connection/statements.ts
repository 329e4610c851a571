import type { Statement } from './session.ts'

/** The number of this client's knowledge of the tables; the tables say which is the least they take. */
export const CLIENT = 1

const TAKEN = 'no, parts, heads, bodies, octet_length(bodies), runs, next_event, swept, moment'

function parameters(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `$${from + index}`).join(', ')
}

const BUT_KEYS = `$2, string_to_array($3, $12), ${parameters(4, 11)}`
const NEW_JOBS = `string_to_array($1, ',')::uuid[], ${BUT_KEYS}`

const TEXTS = {
  enqueue: `select jobport.enqueue_jobs(${NEW_JOBS})`,
  enqueueBinary: `select jobport.enqueue_jobs($1::uuid[], ${BUT_KEYS})`,
  enqueueAndClaim: `select answers, ${TAKEN} from jobport.enqueue_and_claim(${NEW_JOBS}, ${CLIENT}, ${parameters(13, 19)})`,
  claim: `select ${TAKEN} from jobport.claim(${CLIENT}, ${parameters(1, 7)})`,
  settle: `select jobport.settle(${parameters(1, 24)})`,
  exchange: `select answers, ${TAKEN} from jobport.exchange(${parameters(1, 24)}, ${CLIENT}, ${parameters(25, 31)})`,
  extend: `select extended, cancelled, busy from jobport.extend(${parameters(1, 7)})`,
  isolate: `select jobport.isolate(${parameters(1, 6)})`,
  report: `select jobport.report(${parameters(1, 9)})`,
  cancel: `select jobport.cancel(${parameters(1, 13)})`,
  retry: 'select jobport.retry($1)',
  remove: 'select jobport.remove($1)',
  purge: 'select jobport.purge($1, $2, $3)',
  pause: 'select jobport.pause($1, $2)',
  clean: 'select moment, again, dropped from jobport.clean($1)',
  mayVacuum: 'select jobport.may_vacuum()',
  ring: 'select jobport.ring($1, $2)',
  listenFor: 'select jobport.listen_for($1, $2, $3)',
  nameQueue: 'select jobport.name_queue($1)',
  nameKinds: 'select jobport.name_kinds($1, $2)',
  kinds:
    'select k.no, q.name, k.name from jobport.kinds k join jobport.queues q on q.no = k.queue where k.no = any($1)',
  storeInsert: `select jobport.store_insert($1, $2, $3, string_to_array($4, ',')::uuid[], $5, string_to_array($6, $15), ${parameters(7, 14)})`,
  storeBegin: "select started, paused from jobport.store_begin(string_to_array($1, ',')::uuid[], $2, $3, $4)",
  storeApply: `select jobport.store_apply(${parameters(1, 27)})`,
  storeDue: 'select key, queue, name, payload, extra, rank, sending, origin from jobport.store_due($1, $2)',
  storeSent: "select jobport.store_sent(string_to_array($1, ',')::uuid[], $2)",
} as const

export type Verb = keyof typeof TEXTS

/** Every statement with the schema put in. */
export type Statements = Readonly<Record<Verb, Statement>>

export function statementsFor(schema: string): Statements {
  const entries = Object.entries(TEXTS).map(([verb, text]) => [verb, statement(schema, verb, text)])
  return Object.fromEntries(entries) as Statements
}

export function statement(schema: string, name: string, text: string): Statement {
  return { name: `${schema}.${name}`, text: inSchema(text, schema) }
}

/** Puts the name of a schema where `jobport.` stands. */
export function inSchema(text: string, schema: string): string {
  const named = text.replaceAll(/\bjobport_schema(?![a-z])/g, schema)
  return named.replaceAll(/\bjobport\./g, `"${schema}".`)
}
