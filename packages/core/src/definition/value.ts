import type { Encoded } from '../contract/job.ts'
import { decode, encode, NotJson } from '../encoding/json.ts'
import { InvalidValueError } from '../errors/schema-error.ts'
import type { JobDefinition } from './define-job.ts'
import { toIssues, type Schema, type SchemaResult } from './schema.ts'
import { hiderOf } from './secret.ts'

type What = 'input' | 'output'

/**
 * Checks a value against its schema and writes it as JSON. What is written is the value as it was given, not what the schema made of it:
 * the reading end parses it again, so a schema may coerce and fill in defaults. Synchronous when the schema is.
 * @throws InvalidValueError
 */
export function encodeValue(definition: JobDefinition, what: What, value: unknown): Encoded | Promise<Encoded> {
  const checked = validate(definition, what, value)
  return checked instanceof Promise
    ? checked.then(() => toJson(definition, what, value))
    : toJson(definition, what, value)
}

/**
 * Reads a value and parses it by its schema.
 * @throws InvalidValueError also when the text is not JSON.
 */
export function decodeValue(definition: JobDefinition, what: What, text: Encoded): unknown {
  return readValue(definition, what, () => decode(text))
}

/** As `decodeValue`, of a value that `read` gets from its JSON text. */
export function readValue(definition: JobDefinition, what: What, read: () => unknown): unknown {
  let value: unknown
  try {
    value = read()
  } catch (error) {
    throw new InvalidValueError(what, definition.name, [
      { path: '', message: `is not JSON (${(error as Error).message})` },
    ])
  }
  return validate(definition, what, value)
}

/** What the schema makes of a value, or a promise of it. */
function validate(definition: JobDefinition, what: What, value: unknown): unknown {
  const schema: Schema<any, any> | undefined = definition[what]
  if (schema === undefined) return undefined
  const result = schema['~standard'].validate(value)
  return result instanceof Promise
    ? result.then((late) => accept(definition, what, value, late))
    : accept(definition, what, value, result)
}

function accept(definition: JobDefinition, what: What, value: unknown, result: SchemaResult<unknown>): unknown {
  if (result.issues === undefined) return result.value
  const issues = toIssues(result.issues)
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
