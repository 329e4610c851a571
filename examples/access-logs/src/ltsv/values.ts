const SECONDS_A_DAY = 86_400
const DIGIT_0 = 48
const [DASH, SPACE, COLON, POINT] = [45, 32, 58, 46]
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)

/** Seconds from 1970 on of `2017-11-01 00:00:00`; `NaN` unless it is a time that there is. */
export function readTime(bytes: Uint8Array, start: number, end: number): number {
  if (
    end - start !== 19 ||
    bytes[start + 4] !== DASH ||
    bytes[start + 7] !== DASH ||
    bytes[start + 10] !== SPACE ||
    bytes[start + 13] !== COLON ||
    bytes[start + 16] !== COLON
  )
    return Number.NaN
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2)
  const month = pair(bytes, start + 5)
  const day = pair(bytes, start + 8)
  const hour = pair(bytes, start + 11)
  const minute = pair(bytes, start + 14)
  const second = pair(bytes, start + 17)
  const exists =
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysOf(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  return exists ? daysTo(year, month, day) * SECONDS_A_DAY + hour * 3_600 + minute * 60 + second : Number.NaN
}

/** Which day it is, counted from 1970 on. */
export function dayOf(time: number): number {
  return Math.floor(time / SECONDS_A_DAY)
}

/** `2017-11-01` */
export function nameOfDay(day: number): string {
  return new Date(day * SECONDS_A_DAY * 1_000).toISOString().slice(0, 10)
}

/** The number of `2.301786`; `NaN` for anything but digits and a point between them. */
export function readDecimal(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0
  let point = -1
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte === POINT && point === -1 && at > start && at < end - 1) point = at
    else if (byte >= DIGIT_0 && byte < DIGIT_0 + 10) digits = digits * 10 + byte - DIGIT_0
    else return Number.NaN
  }
  if (start === end) return Number.NaN
  const decimals = point === -1 ? 0 : end - point - 1
  // Up to 15 digits and the power of ten are exact, so their quotient is the number that is nearest to the text.
  if (end - start <= (point === -1 ? 15 : 16)) return digits / POWERS[decimals]!
  return Number(String.fromCharCode(...bytes.subarray(start, end)))
}

/** `NaN` unless both are digits, and so is everything that is computed with it. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - DIGIT_0
  const ones = bytes[at + 1]! - DIGIT_0
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : Number.NaN
}

function daysOf(year: number, month: number): number {
  return month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : DAYS[month - 1]!
}

/** Days from 1970 on in the Gregorian calendar; its years are made to begin in March, so that the odd day comes last. */
function daysTo(year: number, month: number, day: number): number {
  const march = month > 2 ? year : year - 1
  const era = Math.floor(march / 400)
  const yearOfEra = march - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}
