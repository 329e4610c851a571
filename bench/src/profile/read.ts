import { readFileSync } from 'node:fs'
import type { Profile } from '../runner/run-suite.ts'
import { SourceNames } from './source-names.ts'
import { timesByFunction, type CpuProfile, type Place } from './summary.ts'

/** A profile with the source files instead of the built ones. */
export interface ReadProfile extends Profile {
  readonly places: readonly Place[]
}

export function readProfiles(profiles: readonly Profile[]): readonly ReadProfile[] {
  const names = new SourceNames()
  return profiles.map((profile) => {
    const recorded = JSON.parse(readFileSync(profile.file, 'utf8')) as CpuProfile
    return { ...profile, places: timesByFunction(recorded, (url, line, column) => names.at(url, line, column)) }
  })
}
