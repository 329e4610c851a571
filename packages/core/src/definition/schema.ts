import type { Issue } from '../errors/schema-error.ts'

/**
 * The part of Standard Schema (https://standardschema.dev, version 1) that jobport reads. Schemas of zod, valibot, arktype and
 * others fit as they are. `Input` is what goes in, `Output` what the schema makes of it.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A schema that checks nothing at run time and only carries a type: `input: type<{ to: string }>()`. */
export function type<T>(): Schema<T> {
  return unchecked as Schema<any> as Schema<T>
}

const unchecked: Schema = {
  '~standard': { version: 1, vendor: 'jobport', validate: (value) => ({ value }) },
}

/** The schema's own issues in jobport's form. */
export function toIssues(issues: readonly SchemaIssue[]): readonly Issue[] {
  return issues.map(({ message, path = [] }) => ({
    message,
    path: path
      .map((part) => (typeof part === 'object' ? part.key : part))
      .reduce<string>((text, key) => text + pathStep(key, text === ''), ''),
  }))
}

/** How one key is written in a path: `items`, `[3]`, `.price`, `["two words"]`. */
export function pathStep(key: PropertyKey, first: boolean): string {
  if (typeof key === 'number') return `[${key}]`
  const name = String(key)
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return /^\d+$/.test(name) ? `[${name}]` : `[${JSON.stringify(name)}]`
  return first ? name : `.${name}`
}
