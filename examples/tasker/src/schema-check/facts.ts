import {
  parse,
  type ColumnDef,
  type Constraint,
  type CreateStmt,
  type IndexStmt,
  type Node,
  type TypeName,
} from 'libpg-query'

/**
 * What SQL creates, a line for each fact, such as `column requests.task: text, not null`. Read by Postgres' own parser, so two spellings of one thing are one fact.
 * @throws Error for a statement or constraint that it does not know: what it cannot compare must not pass.
 */
export async function factsOf(sql: string): Promise<readonly string[]> {
  // The parser takes no empty text.
  if (sql === '') return []
  const { stmts = [] } = await parse(sql)
  return stmts.flatMap(({ stmt }) => factsOfStatement(stmt!))
}

function factsOfStatement(statement: Node): readonly string[] {
  if ('CreateStmt' in statement) return factsOfTable(statement.CreateStmt)
  if ('IndexStmt' in statement) return [factOfIndex(statement.IndexStmt)]
  throw unknown(Object.keys(statement)[0]!)
}

function factsOfTable({ relation, tableElts = [] }: CreateStmt): readonly string[] {
  const table = relation!.relname!
  const columns = tableElts.flatMap((element) => ('ColumnDef' in element ? [element.ColumnDef] : []))
  const key = [
    ...columns.filter((column) => constraintsOf(column).has('CONSTR_PRIMARY')).map(({ colname }) => colname!),
    ...tableElts.flatMap((element) => ('ColumnDef' in element ? [] : keyOf(element))),
  ]
  return [
    `table ${table}`,
    ...columns.map((column) => factOfColumn(table, column, key)),
    `primary key of ${table}: ${key.join(', ')}`,
  ]
}

function factOfColumn(table: string, column: ColumnDef, key: readonly string[]): string {
  const constraints = constraintsOf(column)
  const required = constraints.has('CONSTR_NOTNULL') || key.includes(column.colname!)
  const traits = [
    nameOf(column.typeName!),
    ...(required ? ['not null'] : []),
    ...(constraints.has('CONSTR_DEFAULT') ? ['with a default'] : []),
  ]
  return `column ${table}.${column.colname}: ${traits.join(', ')}`
}

function factOfIndex({ idxname, relation, indexParams = [], unique = false, whereClause }: IndexStmt): string {
  if (whereClause !== undefined) throw unknown('an index with a condition')
  const columns = indexParams.map((each) => ('IndexElem' in each && each.IndexElem.name) || 'an expression')
  return `${unique ? 'unique index' : 'index'} ${idxname} of ${relation!.relname}: ${columns.join(', ')}`
}

const KNOWN: ReadonlySet<unknown> = new Set(['CONSTR_PRIMARY', 'CONSTR_NOTNULL', 'CONSTR_DEFAULT'])

function constraintsOf({ constraints = [] }: ColumnDef): ReadonlySet<Constraint['contype']> {
  return new Set(constraints.map((node) => kindOf(constraintOf(node))))
}

/** The columns of a primary key that stands by itself. */
function keyOf(element: Node): readonly string[] {
  const constraint = constraintOf(element)
  if (kindOf(constraint) !== 'CONSTR_PRIMARY') throw unknown(String(constraint.contype))
  return textsOf(constraint.keys)
}

function constraintOf(node: Node): Constraint {
  if ('Constraint' in node) return node.Constraint
  throw unknown(Object.keys(node)[0]!)
}

function kindOf({ contype }: Constraint): Constraint['contype'] {
  if (KNOWN.has(contype)) return contype
  throw unknown(String(contype))
}

/** `timestamp with time zone` and `timestamptz` are `timestamptz`. */
function nameOf({ names, typmods = [], arrayBounds = [] }: TypeName): string {
  const name = textsOf(names)
    .filter((part) => part !== 'pg_catalog')
    .join('.')
  if (typmods.length > 0) throw unknown(`a length or precision of ${name}`)
  return `${name}${'[]'.repeat(arrayBounds.length)}`
}

function textsOf(nodes: readonly Node[] = []): readonly string[] {
  return nodes.map((node) => ('String' in node && node.String.sval) || '')
}

function unknown(what: string): Error {
  return new Error(`the check cannot compare ${what}; teach it to, or leave it out`)
}
