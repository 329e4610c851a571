import { ackFirst, lateApplied, noFence, shortLease } from './settling.ts'
import { acceptFirst, groupBlind, muteOutcomes, newIds, separateFollowUps, uniqueBlind } from './storing.ts'
import type { Mutant } from './mutant.ts'

export const mutants = {
  'no-fence': noFence,
  'late-applied': lateApplied,
  'ack-first': ackFirst,
  'short-lease': shortLease,
  'new-ids': newIds,
  'accept-first': acceptFirst,
  'unique-blind': uniqueBlind,
  'group-blind': groupBlind,
  'separate-follow-ups': separateFollowUps,
  'mute-outcomes': muteOutcomes,
} satisfies Record<string, Mutant>

export type MutantName = keyof typeof mutants

export const mutantNames = Object.keys(mutants) as readonly MutantName[]
