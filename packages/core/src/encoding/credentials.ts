const HIDDEN = '***'

/** What is known by its looks: user and password in a URL, `password=…` and the like, signing keys of webhooks, Slack's webhook addresses. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/:\/\/[^\s/?#'"`]*@/g, `://${HIDDEN}@`],
  [/\b(password|passwd|pwd|secret|token|api[-_]?key)=[^\s&;'"`]+/gi, `$1=${HIDDEN}`],
  [/\bwhsec_[A-Za-z0-9+/=_-]+/g, HIDDEN],
  [/(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[^\s'"`]+/g, `$1${HIDDEN}`],
]

/** The text without the credentials that can be told by their looks. */
export function withoutCredentials(text: string): string {
  return CREDENTIALS.reduce((cleaned, [pattern, instead]) => cleaned.replace(pattern, instead), text)
}

/** Hides values wherever they stand in a text, also written as JSON or as part of a URL. */
export function hiding(values: readonly string[]): (text: string) => string {
  const written = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), inUrl(value)])
  // The longest first: one may be part of another.
  const forms = [...new Set(written)].toSorted((a, b) => b.length - a.length)
  return (text) => forms.reduce((cleaned, form) => cleaned.replaceAll(form, HIDDEN), text)
}

function inUrl(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}
