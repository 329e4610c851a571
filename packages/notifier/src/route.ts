import { OptionError, type Notification, type Recipient } from '@jobport/core/notify'

/**
 * Says which channels a notification travels by. Several: a job for each, so that the one that fails is retried alone. None: nobody is to be told.
 * It should answer the same whenever it is asked about the same notification.
 */
export type Route = (to: Recipient, notification: Notification) => string | readonly string[]

/** A recipient may name its channel: `{ user: '42', channel: 'email' }`. All others get theirs by `fallback`. */
export function byRecipient(fallback: string): Route {
  return ({ channel }) => channel ?? fallback
}

/**
 * The channels that a route names, each once.
 * @throws OptionError for one that does not exist.
 */
export function follow(route: Route, notification: Notification, channels: readonly string[]): readonly string[] {
  const answer = route(notification.to, notification)
  const named = [...new Set(typeof answer === 'string' ? [answer] : answer)]
  for (const name of named) {
    if (channels.includes(name)) continue
    throw new OptionError('route', `there is no channel ${JSON.stringify(name)}; there are ${channels.join(', ')}`)
  }
  return named
}
