import { fence } from './fence.ts'
import { settlements } from './settlement.ts'
import { chapter } from '../../suite/case.ts'

export const settle = chapter('A3', 'settle', [...settlements, ...fence])
