import { closing } from './closing.ts'
import { losing } from './lost.ts'
import { working } from './work.ts'
import { chapter } from '../suite/case.ts'

export const worker = chapter('B3', 'workers', [...working, ...closing, ...losing])
