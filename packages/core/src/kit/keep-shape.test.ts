import { setFlagsFromString } from 'node:v8'
import { compileFunction, runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { keepShape } from './keep-shape.ts'

setFlagsFromString('--expose-gc')
setFlagsFromString('--allow-natives-syntax')
const collect = runInNewContext('gc') as () => void
/** A bit of what V8 tells of a function. */
const OPTIMIZED = 1 << 4
const prepare = native('%PrepareFunctionForOptimization(f)')
const optimize = native('%OptimizeFunctionOnNextCall(f)')
const statusOf = native('return %GetOptimizationStatus(f)')

function native(body: string): (f: unknown) => number {
  return compileFunction(body, ['f']) as (f: unknown) => number
}

interface Shape {
  readonly size: number
}

/** Whether code for objects of a class is still there when all of them are gone. */
function outlives(create: () => Shape): boolean {
  const read = compileFunction('return object.size', ['object']) as (object: Shape) => number
  prepare(read)
  for (let call = 0; call < 10; call++) read(create())
  optimize(read)
  read(create())
  expect(statusOf(read) & OPTIMIZED).toBe(OPTIMIZED)
  collect()
  return (statusOf(read) & OPTIMIZED) !== 0
}

it('keeps the machine code for objects of which none is left', () => {
  class Kept implements Shape {
    readonly size = 1
  }
  class Forgotten implements Shape {
    readonly size = 1
  }
  keepShape(new Kept())
  expect(outlives(() => new Kept())).toBe(true)
  expect(outlives(() => new Forgotten())).toBe(false)
})
