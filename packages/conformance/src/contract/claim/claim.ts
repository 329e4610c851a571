import { taking } from './take.ts'
import { waiting } from './wait.ts'
import { chapter } from '../../suite/case.ts'

export const claim = chapter('A2', 'claim', [...taking, ...waiting])
