/** Longer ones are cut by many servers and proxies. */
const MOST_CHARACTERS = 2_048

/** A text, or the target of a redirect, that cannot be checked. The message says why, for whoever wrote it. */
export class UncheckableUrlError extends Error {
  override readonly name = 'UncheckableUrlError'
}

/**
 * The URL that a person means by a text: without a protocol it is `https:`; the host in lower case and ASCII, no fragment, no default port. Two texts that
 * mean the same become the same.
 * @throws UncheckableUrlError
 */
export function submittedUrl(text: string): URL {
  const trimmed = text.trim()
  if (trimmed === '') throw new UncheckableUrlError('is empty')
  return checkable(trimmed.includes('://') ? trimmed : `https://${trimmed}`)
}

/**
 * Where a redirect leads.
 * @throws UncheckableUrlError
 */
export function redirectedUrl(location: string, from: URL): URL {
  return checkable(location, from.href)
}

function checkable(text: string, base?: string): URL {
  const url = URL.parse(text, base)
  if (url === null) throw new UncheckableUrlError('is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UncheckableUrlError(`begins with ${url.protocol}, only http: and https: are checked`)
  if (url.username !== '' || url.password !== '')
    throw new UncheckableUrlError('holds a user name or a password, which would be stored and shown')
  url.hash = ''
  if (url.href.length > MOST_CHARACTERS) throw new UncheckableUrlError(`has more than ${MOST_CHARACTERS} characters`)
  return url
}
