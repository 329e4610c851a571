import type { NewJob } from '../contract/job.ts'

/**
 * The text of a message of several jobs is JSON, for whoever else reads it: a list of this on a line of its own, and of the payloads as they are. The worker parses the first line
 * and cuts the payloads out. What all jobs have in common is there once, what none of them has is left out.
 */
interface Head {
  readonly ids: readonly string[]
  readonly names: readonly string[]
  /** Of the payloads, in UTF-16 code units. */
  readonly lengths: readonly number[]
  readonly headers?: readonly Readonly<Record<string, string>>[]
  readonly policies?: readonly (string | null)[]
}

/** JSON text as `JSON.stringify` makes it has no line feed, so the first one ends the head. */
const AFTER_HEAD = '\n,'

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** `payloads`: in the place of those of the jobs. */
export function bodyOf(jobs: readonly NewJob[], payloads: readonly string[]): string {
  const head: { -readonly [K in keyof Head]: Head[K] } = {
    ids: jobs.map(({ id }) => id),
    names: column(jobs, ({ name }) => name, isSame),
    lengths: payloads.map(({ length }) => length),
  }
  const headers = column(jobs, (job) => job.headers, areSame)
  if (headers.length > 1 || !areSame(headers[0]!, NO_HEADERS)) head.headers = headers
  const policies = column(jobs, ({ policy = null }) => policy, isSame)
  if (policies.length > 1 || policies[0] !== null) head.policies = policies
  return `[${JSON.stringify(head)}${AFTER_HEAD}${payloads.join()}]`
}

/** Empty where it cannot be read. No more is asked than what a job cannot be without: who may write to the queue may enqueue. */
export function membersOf(body: string, queue: string, priority: number | undefined): readonly NewJob[] {
  const end = body.indexOf(AFTER_HEAD)
  const head = end < 0 ? undefined : headOf(body.slice(1, end))
  if (head === undefined) return []
  const { ids, names, lengths, headers = [NO_HEADERS], policies = [null] } = head
  const members: NewJob[] = []
  let at = end + AFTER_HEAD.length
  for (let index = 0; index < ids.length; index++) {
    const from = at
    at += lengths[index]! + 1
    const member: { -readonly [K in keyof NewJob]: NewJob[K] } = {
      id: ids[index]!,
      queue,
      name: names[names.length === 1 ? 0 : index]!,
      payload: body.slice(from, at - 1),
      headers: headers[headers.length === 1 ? 0 : index]!,
    }
    const policy = policies[policies.length === 1 ? 0 : index] ?? undefined
    if (policy !== undefined) member.policy = policy
    if (priority !== undefined) member.priority = priority
    members.push(member)
  }
  // After the last payload stands the bracket that ends the list.
  return at === body.length ? members : []
}

function headOf(text: string): Head | undefined {
  let head: unknown
  try {
    head = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isObject(head)) return undefined
  const { ids, names, lengths, headers, policies } = head
  const isHead =
    isListOf(ids, isText) &&
    isListOf(lengths, isLength) &&
    lengths.length === ids.length &&
    isColumn(names, ids.length, isText) &&
    (headers === undefined || isColumn(headers, ids.length, isObject)) &&
    (policies === undefined || isColumn(policies, ids.length, isPolicy))
  return isHead ? (head as unknown as Head) : undefined
}

/** One value where it is the same for all. */
function column<T>(jobs: readonly NewJob[], of: (job: NewJob) => T, same: (one: T, other: T) => boolean): readonly T[] {
  const first = of(jobs[0]!)
  return jobs.every((job) => same(of(job), first)) ? [first] : jobs.map(of)
}

function isSame<T>(one: T, other: T): boolean {
  return one === other
}

function areSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  if (one === other) return true
  for (const key in one) if (one[key] !== other[key]) return false
  for (const key in other) if (!(key in one)) return false
  return true
}

function isColumn<T>(value: unknown, size: number, isItem: (item: unknown) => item is T): value is readonly T[] {
  return isListOf(value, isItem) && (value.length === 1 || value.length === size)
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPolicy(value: unknown): value is string | null {
  return value === null || isText(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
