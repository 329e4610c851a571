/** The words of a job's state, as lua/base.lua explains them. */
export interface StateWords {
  readonly attempt: number
  readonly claim: string
  readonly claimedAt: number
  readonly failures: number
  readonly crashes: number
  readonly redrives: number
  readonly flags: string
  readonly finishedAt: number
}

export function readState(text: string): StateWords {
  const words = text.split(' ')
  const number = (place: number): number => Number(words[place])
  return {
    attempt: number(1),
    claim: words[2]!,
    claimedAt: number(3),
    failures: number(4),
    crashes: number(5),
    redrives: number(6),
    flags: words[7]!,
    finishedAt: number(8),
  }
}
