import { cancel } from './cancel.ts'
import { pause } from './pause.ts'
import { redrive } from './redrive.ts'
import { removal } from './removal.ts'
import { chapter } from '../../suite/case.ts'

export const operate = chapter('A11', 'operator', [...cancel, ...redrive, ...removal, ...pause])
