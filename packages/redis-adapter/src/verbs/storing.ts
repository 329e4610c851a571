import type { NewJob } from '@jobport/core/adapter'
import { isPlain, pushJob } from '../codec/text.ts'

/** Lua can pass some thousand values to a command. */
const SLICE = 1000
const ID = /^[\w.:-]{1,128}$/

/** Whether a list of ids can carry it. What is no id is unknown anyway. */
export function canBeListed(id: string): boolean {
  return id !== '' && !id.includes('\n')
}

/** Whether a new job can have it. */
export function isId(id: string): boolean {
  return ID.test(id)
}

/** Whether all jobs have nothing but a name and a payload, and no id comes twice. */
export function areSimple(jobs: readonly NewJob[]): boolean {
  return jobs.every(isPlain) && areDistinct(jobs.map(({ id }) => id))
}

/** Appends jobs of one queue as lua/enqueue-plain.lua takes them. `first`: the place of the first in its batch. */
export function pushPlain(target: (string | number)[], jobs: readonly NewJob[], first = 0): void {
  for (let at = 0; at < jobs.length; at++) pushJob(target, jobs[at]!, first + at, true)
}

/** Appends a batch of jobs of one queue as lua/storing.lua takes it. */
export function pushBatch(target: (string | number)[], jobs: readonly NewJob[]): void {
  const simple = areSimple(jobs)
  target.push(jobs.length, simple ? '1' : '0')
  if (simple) return pushPlain(target, jobs)
  for (let place = 0; place < jobs.length; place++) pushJob(target, jobs[place]!, place, isPlain(jobs[place]!))
}

/** Appends a batch of jobs of one queue as lua/storing.lua takes it in a store, where each job has a note of where it came from. */
export function pushStored(target: (string | number)[], jobs: readonly NewJob[]): void {
  target.push(jobs.length, '0')
  for (let place = 0; place < jobs.length; place++) pushJob(target, jobs[place]!, place, false, 'o')
}

/** Whether no id comes twice. Ids that core makes grow, so mostly one comparison for each tells. */
export function areDistinct(ids: readonly string[]): boolean {
  for (let place = 1; place < ids.length; place++) {
    if (!(ids[place]! > ids[place - 1]!)) return new Set(ids).size === ids.length
  }
  return true
}

/** Slices that one call of a script can take, each after the place where it begins. */
export function* inSlices<T>(items: readonly T[]): Generator<readonly [start: number, slice: readonly T[]]> {
  for (let start = 0; start < items.length; start += SLICE) yield [start, items.slice(start, start + SLICE)]
}

/** Jobs by their queue, in their order. */
export function byQueue(items: readonly { readonly queue: string }[]): Map<string, number[]> {
  const queues = new Map<string, number[]>()
  let last: string | undefined
  let indexes: number[] = []
  for (let index = 0; index < items.length; index++) {
    const { queue } = items[index]!
    // Mostly all are of one queue.
    if (queue !== last) {
      last = queue
      indexes = queues.get(queue) ?? []
      queues.set(queue, indexes)
    }
    indexes.push(index)
  }
  return queues
}
