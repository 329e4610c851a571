import { checkKnown, OptionError, type Ms, type Notification, type Recipient } from '@jobport/core/notify'

/** Hours in which messages wait. They end at the same local time also on the days when the clocks change. */
export interface QuietHours {
  /** `HH:MM`, in `zone`. May be later than `to`: then they last over midnight. */
  readonly from: string
  readonly to: string
  /** A zone of the IANA database, such as `Europe/Berlin`. Default `UTC`. */
  readonly zone?: string
  /** For whom and for what. Default: everybody and everything. What is `critical` never waits. */
  readonly for?: (to: Recipient, notification: Notification) => boolean
}

const DAY = 1_440

/** @throws OptionError */
export function checkQuietHours(hours: QuietHours): QuietHours {
  checkKnown(hours, ['from', 'to', 'zone', 'for'], 'quietHours')
  if (minutesOf(hours.from, 'quietHours.from') === minutesOf(hours.to, 'quietHours.to')) {
    throw new OptionError('quietHours.to', 'is the same as from: that would be never, or always')
  }
  try {
    localMinutes(0, hours.zone ?? 'UTC')
  } catch {
    throw new OptionError('quietHours.zone', `${JSON.stringify(hours.zone)} is no time zone that is known here`)
  }
  return hours
}

/** How long they go on after that moment; 0: it is not in them. */
export function quietFor(at: number, { from, to, zone = 'UTC' }: QuietHours): Ms {
  const start = minutesOf(from, 'quietHours.from')
  const end = minutesOf(to, 'quietHours.to')
  const now = localMinutes(at, zone)
  const isIn = start < end ? now >= start && now < end : now >= start || now < end
  if (!isIn) return 0
  const remaining = (end - now + DAY) % DAY
  // Clocks that change on the way make it longer or shorter.
  const drift = ((localMinutes(at + remaining * 60_000, zone) - end + DAY + DAY / 2) % DAY) - DAY / 2
  return Math.max(1, remaining - drift) * 60_000 - (at % 60_000)
}

/** Minutes since midnight. */
function localMinutes(at: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(at)
  const number = (type: string): number => Number(parts.find((part) => part.type === type)!.value)
  return (number('hour') % 24) * 60 + number('minute')
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(zone, format)
  return format
}

function minutesOf(time: string, option: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
  if (match === null)
    throw new OptionError(option, `${JSON.stringify(time)} is no time of day; give one such as '22:00'`)
  return Number(match[1]) * 60 + Number(match[2])
}
