import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The versions of packages that are installed here. */
export function versionsOf(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  const file = findPackageJSON(name, import.meta.url)!
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}
