import { join } from 'node:path'
import { sqliteBackend } from '@jobport/sqlite-adapter'
import { jobport } from '../jobport.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = ({ directory }) =>
  jobport({
    backend: sqliteBackend({ file: join(directory, 'jobs.sqlite') }),
    configuration: 'defaults, every feature on; one file, WAL, fsync for every commit',
    packages: ['@jobport/core', '@jobport/sqlite-adapter'],
    engines: { sqlite: process.versions.sqlite ?? '' },
  })
