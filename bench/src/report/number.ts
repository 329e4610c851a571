import type { Unit } from '../scenario.ts'

/** For people: three significant digits, thousands as `k`, millions as `M`. */
export function formatNumber(value: number): string {
  if (value === 0) return '0'
  const [scaled, suffix] = value >= 999_500 ? [value / 1e6, 'M'] : value >= 999.5 ? [value / 1000, 'k'] : [value, '']
  const digits = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : scaled >= 0.9995 ? 2 : 3
  return scaled.toFixed(digits) + suffix
}

export function formatValue(value: number, unit: Unit): string {
  return `${formatNumber(value)} ${unit}`
}
