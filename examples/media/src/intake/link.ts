import { ClientError } from '@jobport/example-service'
import { ForbiddenAddressError, type AddressGuard } from '@jobport/notifier'

/** What can be known of a link without a request: whether it may be followed at all. What its name resolves to is looked at when it is fetched. */
export function checkLink(text: string, guard: AddressGuard): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new ClientError(400, 'invalid', 'must be an http or https URL', 'body.url')
  if (url.username !== '' || url.password !== '')
    throw new ClientError(400, 'invalid', 'must not have a user name or a password', 'body.url')
  try {
    guard.checkLiteral(url.hostname)
  } catch (error) {
    if (!(error instanceof ForbiddenAddressError)) throw error
    throw new ClientError(400, 'forbidden-address', 'is an address that is not public', 'body.url')
  }
  return url
}

/** The last part of its path, as a name for who handed it in. */
export function nameOf({ pathname, hostname }: URL): string {
  const last = pathname.split('/').findLast((part) => part !== '')
  if (last === undefined) return hostname
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
