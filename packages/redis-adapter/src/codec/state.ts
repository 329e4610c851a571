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

export function readState(words: string): StateWords {
  const [, attempt, claim, claimedAt, failures, crashes, redrives, flags, finishedAt] = words.split(' ') as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return {
    attempt: Number(attempt),
    claim,
    claimedAt: Number(claimedAt),
    failures: Number(failures),
    crashes: Number(crashes),
    redrives: Number(redrives),
    flags,
    finishedAt: Number(finishedAt),
  }
}
