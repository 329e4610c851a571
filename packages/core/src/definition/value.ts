import type { Encoded } from '../contract/job.ts'
import { decode, encode, NotJson } from '../encoding/json.ts'
import { InvalidValueError } from '../errors/schema-error.ts'
import type { JobDefinition } from './define-job.ts'
import { toIssues, type Schema, type SchemaIssue, type SchemaResult } from './schema.ts'
import { hiderOf } from './secret.ts'

type What = 'input' | 'output'

/**
 * Checks a value against its schema and writes it as JSON. What is written is the value as it was given, not what the schema made of it:
 * the reading end parses it again, so a schema may coerce and fill in defaults. Synchronous when the schema is.
 * @throws InvalidValueError
 */
export function encodeValue(definition: JobDefinition, what: What, value: unknown): Encoded | Promise<Encoded> {
  const checked = parseValue(definition, what, value)
  return checked instanceof Promise ? toJsonAfter(checked, definition, what, value) : toJson(definition, what, value)
}

async function toJsonAfter(
  checked: Promise<unknown>,
  definition: JobDefinition,
  what: What,
  value: unknown,
): Promise<Encoded> {
  await checked
  return toJson(definition, what, value)
}

/**
 * Reads a value and parses it by its schema.
 * @throws InvalidValueError also when the text is not JSON.
 */
export function decodeValue(definition: JobDefinition, what: What, text: Encoded): unknown {
  let value: unknown
  try {
    value = decode(text)
  } catch (error) {
    throw notJson(definition, what, error)
  }
  return parseValue(definition, what, value)
}

export function notJson(definition: JobDefinition, what: What, error: unknown): InvalidValueError {
  return new InvalidValueError(what, definition.name, [
    { path: '', message: `is not JSON (${(error as Error).message})` },
  ])
}

/**
 * What the schema makes of a value, or a promise of it.
 * @throws InvalidValueError
 */
export function parseValue(definition: JobDefinition, what: What, value: unknown): unknown {
  const schema: Schema<any, any> | undefined = definition[what]
  if (schema === undefined) return undefined
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) return acceptLate(definition, what, value, result)
  return result.issues === undefined ? result.value : refuse(definition, what, value, result.issues)
}

async function acceptLate(
  definition: JobDefinition,
  what: What,
  value: unknown,
  late: Promise<SchemaResult<unknown>>,
): Promise<unknown> {
  const result = await late
  return result.issues === undefined ? result.value : refuse(definition, what, value, result.issues)
}

function refuse(definition: JobDefinition, what: What, value: unknown, found: readonly SchemaIssue[]): never {
  const issues = toIssues(found)
  // Some schemas quote what they refuse.
  const hide = what === 'input' ? hiderOf(definition.secret, value) : undefined
  throw new InvalidValueError(
    what,
    definition.name,
    hide === undefined ? issues : issues.map(({ path, message }) => ({ path, message: hide(message) })),
  )
}

function toJson(definition: JobDefinition, what: What, value: unknown): Encoded {
  try {
    return encode(value)
  } catch (error) {
    if (error instanceof NotJson) throw new InvalidValueError(what, definition.name, [error.issue])
    throw error
  }
}
