import { counting } from './counts.ts'
import { listing } from './list.ts'
import { records } from './record.ts'
import { reporting } from './report.ts'
import { retention } from './retention.ts'
import { chapter } from '../../suite/case.ts'

export const state = chapter('A6', 'state', [...records, ...retention, ...counting, ...listing, ...reporting])
