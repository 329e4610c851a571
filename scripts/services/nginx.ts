import { findOrInstall } from './locate.ts'

/** The nginx that `NGINX_PATH` names, else the machine's, else Debian's where we may install it. It is not started: whoever tests a configuration brings their own. */
export async function findNginx(): Promise<string> {
  const given = process.env['NGINX_PATH']
  if (given !== undefined && given !== '') return given
  const failures: string[] = []
  const binary = { name: 'nginx', folders: ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'] }
  const found = await findOrInstall({ binary, debian: 'nginx-light' }, (failure) => failures.push(failure))
  if (found !== undefined) return found
  throw new Error(['There is no nginx on this machine.', ...failures, 'Install it, or set NGINX_PATH.'].join('\n'))
}
