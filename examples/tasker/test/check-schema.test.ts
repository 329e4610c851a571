import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { FROM_SOURCE, PROGRAMS } from './program.ts'
import { PATIENT } from './stage.ts'

/** What the build of the image runs; `change` is what somebody has done to the SQL meanwhile. */
async function check(change = ''): Promise<{ readonly code?: number; readonly stderr: string }> {
  const hook = `
    import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        const loaded = next(url, context)
        if (!url.endsWith('/schema.sql')) return loaded
        return { ...loaded, source: loaded.source${change} }
      },
    })`
  const hooks = [FROM_SOURCE, `data:text/javascript,${encodeURIComponent(hook)}`].flatMap((url) => ['--import', url])
  const program = fileURLToPath(new URL('check-schema.ts', PROGRAMS))
  return promisify(execFile)(process.execPath, [...hooks, program]).catch((error) => error)
}

it(
  'the check lets the image be built, and not when somebody has changed the SQL alone',
  { timeout: PATIENT },
  async () => {
    expect(await check()).not.toHaveProperty('code')
    expect(await check(`.replace('client_name text', 'client_name int')`)).toMatchObject({
      code: 1,
      stderr:
        'schema.sql and tables.ts differ:\n' +
        '  only in the SQL:  column requests.client_name: int4, not null\n' +
        '  only in the code: column requests.client_name: text, not null\n',
    })
  },
)
