/**
 * Creates what a schema declares: the counterpart of SQLAlchemy's `metadata.create_all`. It adds
 * what is missing and never alters what exists. Use migrations to change tables that hold data.
 */
import { entityKind, is, SQL, sql } from 'drizzle-orm'
import * as drizzle from 'drizzle-orm/pg-core'
import {
  type ForeignKey,
  getTableConfig,
  type Index,
  IndexedColumn,
  isPgEnum,
  isPgSchema,
  PgColumn,
  PgDialect,
  PgEnumColumn,
  PgEnumObjectColumn,
  PgTable,
} from 'drizzle-orm/pg-core'
import type { Database, Transaction } from './pool.ts'

/**
 * Creates the schemas, enums, tables and indexes that a module exports, in dependency order, if they do
 * not exist. Runs in one transaction. Processes may call it concurrently: one creates, the others wait.
 *
 * @param schema what the module exports: `import * as schema from './schema.ts'`. Exports that
 *   are nothing to create, such as types, constants and relations, are passed over.
 * @param options.foreignKeys `false` leaves them to `createForeignKeys`, for example to load data first.
 * @returns the statements that were executed, in their order: none if everything was there.
 * @throws {Error} if the schema holds something that this function does not cover, a view for example.
 */
export async function createTables(
  db: Database | Transaction,
  schema: Record<string, unknown>,
  { foreignKeys = true } = {},
): Promise<string[]> {
  const parts = partsOf(schema, foreignKeys)
  return await db.transaction(async (tx) => {
    await tx.execute(takeTurn)
    const missing: Part[] = []
    for (const part of parts) {
      const look = sql`select ${sql.raw(part.lookUp)}(${part.name}) is null as missing`
      const [row] = await tx.execute<{ missing: boolean }>(look)
      if (row?.missing) missing.push(part)
    }
    const statements = [
      ...missing.flatMap((part) => part.statements),
      ...missing.flatMap((part) => part.lastly ?? []),
    ]
    for (const statement of statements) await tx.execute(sql.raw(statement))
    return statements
  })
}

/**
 * Creates the foreign keys of the tables that a module exports, each unless it exists: the second step after
 * `createTables` without them. Each key has a transaction of its own. Any number of processes may call it at the
 * same time, as with `createTables`.
 *
 * @param schema what was given to `createTables`.
 * @returns the statements that were executed, in their order: none if everything was there.
 */
export async function createForeignKeys(
  db: Database | Transaction,
  schema: Record<string, unknown>,
): Promise<string[]> {
  const executed: string[] = []
  for (const table of tablesOf(schema)) {
    const { schema, name, foreignKeys } = getTableConfig(table)
    for (const key of foreignKeys) {
      const statement = addForeignKey(quotedName(schema, name), key)
      const isNew = await db.transaction(async (tx) => {
        await tx.execute(takeTurn)
        const [found] = await tx.execute(sql`
          select from pg_constraint
          where conrelid = ${quotedName(schema, name)}::regclass and conname = ${key.getName()}::name`)
        if (!found) await tx.execute(sql.raw(statement))
        return !found
      })
      if (isNew) executed.push(statement)
    }
  }
  return executed
}

// Two processes that look at the same time would both find a table missing, and the second one to create it would
// fail. So only one looks at a time: the lock is held until its transaction ends.
const takeTurn = sql`select pg_advisory_xact_lock(hashtext('create-tables'))`

/** One thing to create, unless PostgreSQL's look-up function finds it by its name. */
interface Part {
  lookUp: 'to_regnamespace' | 'to_regtype' | 'to_regclass'
  name: string
  statements: string[]
  /** What can only be said once every other part is there. */
  lastly?: string[]
}

/** Takes a schema apart, in the order in which its parts can be created. */
function partsOf(schema: Record<string, unknown>, foreignKeys: boolean): Part[] {
  const tables = tablesOf(schema)
  const configs = tables.map((table) => getTableConfig(table))
  const exported = Object.values(schema)
  const enums = new Set([
    ...exported.filter(isPgEnum),
    ...configs.flatMap(({ columns }) => columns.flatMap((column) => enumOf(column) ?? [])),
  ])
  const schemas = new Set([
    ...exported.filter(isPgSchema).map(({ schemaName }) => schemaName),
    ...[...enums, ...configs].flatMap(({ schema }) => schema ?? []),
  ])
  return [
    ...[...schemas].map(schemaPart),
    ...[...enums].map(enumPart),
    ...tables.map((table, position) =>
      tablePart(table, new Set(tables.slice(0, position)), foreignKeys),
    ),
  ]
}

/** The tables of a schema and those that they refer to, each after those that it refers to. */
function tablesOf(schema: Record<string, unknown>): PgTable[] {
  const sorted = new Set<PgTable>()
  const visited = new Set<PgTable>()
  const visit = (table: PgTable) => {
    if (visited.has(table)) return
    visited.add(table)
    for (const key of getTableConfig(table).foreignKeys) visit(key.reference().foreignTable)
    sorted.add(table)
  }
  for (const [name, value] of Object.entries(schema)) {
    if (is(value, PgTable)) visit(value)
    else refuseUncovered(name, value)
  }
  return [...sorted]
}

// Every Drizzle declaration has an entityKind. Ignoring an unknown one would create less than was asked for.
function refuseUncovered(name: string, value: unknown): void {
  if (isPgEnum(value) || isPgSchema(value) || typeof value !== 'object' || value === null) return
  // A view answers for itself only with its columns, so its class is asked.
  const kind: unknown = Object.getPrototypeOf(value)?.constructor?.[entityKind]
  if (typeof kind !== 'string' || kind === 'Relations') return
  throw uncovered(`${name}, a ${kind}`)
}

const uncovered = (what: string) =>
  new Error(`create-tables does not cover ${what}. Write it as SQL, or generate a migration.`)

function schemaPart(name: string): Part {
  return {
    lookUp: 'to_regnamespace',
    name: quotedName(name),
    statements: [`create schema ${quotedName(name)}`],
  }
}

interface Enum {
  schema: string | undefined
  enumName: string
  enumValues: string[]
}

function enumPart({ schema, enumName, enumValues }: Enum): Part {
  const name = quotedName(schema, enumName)
  const values = enumValues.map(quotedText).join(', ')
  return { lookUp: 'to_regtype', name, statements: [`create type ${name} as enum (${values})`] }
}

function tablePart(table: PgTable, created: Set<PgTable>, withForeignKeys: boolean): Part {
  const { name, schema, columns, primaryKeys, uniqueConstraints, checks, ...rest } =
    getTableConfig(table)
  const foreignKeys = withForeignKeys ? rest.foreignKeys : []
  if (rest.policies.length > 0) throw uncovered(`the policies of table ${name}`)
  if (rest.enableRLS) throw uncovered(`the row-level security of table ${name}`)
  const tableName = quotedName(schema, name)
  const isReady = ({ foreignTable }: ReturnType<ForeignKey['reference']>) =>
    foreignTable === table || created.has(foreignTable)
  const lines = [
    ...columns.map(columnDefinition),
    ...primaryKeys.map((key) =>
      constraint(key.getName(), `primary key ${columnList(key.columns)}`),
    ),
    ...columns
      .filter((column) => column.isUnique)
      .map((column) => unique(column.uniqueName, [column], column.uniqueType === 'not distinct')),
    ...uniqueConstraints.map((key) => unique(key.name, key.columns, key.nullsNotDistinct)),
    ...foreignKeys.filter((key) => isReady(key.reference())).map(foreignKeyConstraint),
    ...checks.map((check) => constraint(check.name, `check (${render(check.value)})`)),
  ]
  return {
    lookUp: 'to_regclass',
    name: tableName,
    statements: [
      `create table ${tableName} (\n  ${lines.join(',\n  ')}\n)`,
      ...rest.indexes.map((index) => createIndex(index, name, tableName)),
    ],
    // Of two tables that refer to each other, one has to be there first.
    lastly: foreignKeys
      .filter((key) => !isReady(key.reference()))
      .map((key) => addForeignKey(tableName, key)),
  }
}

const constraint = (name: string | undefined, definition: string) =>
  name === undefined ? definition : `constraint ${quotedName(name)} ${definition}`

function columnDefinition(column: PgColumn): string {
  return [
    quotedName(column.name),
    typeOf(column),
    column.primary && 'primary key',
    column.generated && `generated always as (${expression(column, column.generated.as)}) stored`,
    column.generatedIdentity && identity(column.generatedIdentity),
    column.default !== undefined && `default ${expression(column, column.default)}`,
    column.notNull && !column.primary && 'not null',
  ]
    .filter(Boolean)
    .join(' ')
}

function typeOf(column: PgColumn): string {
  const element = elementOf(column)
  if (element) return `${typeOf(element)}[${Reflect.get(column, 'size') ?? ''}]`
  const type = enumOf(column)
  const name = type ? quotedName(type.schema, type.enumName) : column.getSQLType()
  return name + '[]'.repeat(dimensionsOf(column))
}

function enumOf(column: PgColumn): Enum | undefined {
  const element = elementOf(column)
  if (element) return enumOf(element)
  return is(column, PgEnumColumn) || is(column, PgEnumObjectColumn) ? column.enum : undefined
}

// An array: Drizzle 0.45 puts a column for the elements into the array's, once for each dimension.
function elementOf(column: PgColumn): PgColumn | undefined {
  const element: unknown = Reflect.get(column, 'baseColumn')
  return is(element, PgColumn) ? element : undefined
}

// Drizzle 1.0 has no class for arrays, and counts the dimensions of each column. (In 0.45 only vectors have
// such a number, which means something else.)
function dimensionsOf(column: PgColumn): number {
  return 'PgArray' in drizzle ? 0 : Number(Reflect.get(column, 'dimensions') ?? 0)
}

function identity({
  type,
  sequenceName,
  sequenceOptions,
}: NonNullable<PgColumn['generatedIdentity']>) {
  const { increment, minValue, maxValue, startWith, cache, cycle } = sequenceOptions ?? {}
  const options = [
    sequenceName && `sequence name ${quotedName(sequenceName)}`,
    increment !== undefined && `increment by ${increment}`,
    minValue !== undefined && `minvalue ${minValue}`,
    maxValue !== undefined && `maxvalue ${maxValue}`,
    startWith !== undefined && `start with ${startWith}`,
    cache !== undefined && `cache ${cache}`,
    cycle && 'cycle',
  ].filter(Boolean)
  const when = type === 'always' ? 'always' : 'by default'
  return `generated ${when} as identity${options.length > 0 ? ` (${options.join(' ')})` : ''}`
}

function unique(name: string | undefined, columns: PgColumn[], nullsNotDistinct: boolean): string {
  return constraint(
    name,
    `unique ${nullsNotDistinct ? 'nulls not distinct ' : ''}${columnList(columns)}`,
  )
}

const addForeignKey = (tableName: string, key: ForeignKey) =>
  `alter table ${tableName} add ${foreignKeyConstraint(key)}`

function foreignKeyConstraint(key: ForeignKey): string {
  const { columns, foreignTable, foreignColumns } = key.reference()
  const { schema, name } = getTableConfig(foreignTable)
  return constraint(
    key.getName(),
    [
      `foreign key ${columnList(columns)} references ${quotedName(schema, name)} ${columnList(foreignColumns)}`,
      key.onUpdate && key.onUpdate !== 'no action' && `on update ${key.onUpdate}`,
      key.onDelete && key.onDelete !== 'no action' && `on delete ${key.onDelete}`,
    ]
      .filter(Boolean)
      .join(' '),
  )
}

// `concurrently` is left out: it spares the users of a table, and this one is new.
function createIndex({ config }: Index, table: string, tableName: string): string {
  const { columns, unique, method, with: options, where } = config
  const storage = Object.entries(options ?? {}).map(([option, value]) => `${option} = ${value}`)
  return [
    `create ${unique ? 'unique ' : ''}index ${quotedName(config.name ?? indexName(table, columns))}`,
    `on ${tableName} using ${method ?? 'btree'} (${columns.map(indexedColumn).join(', ')})`,
    storage.length > 0 && `with (${storage.join(', ')})`,
    where && `where ${render(where)}`,
  ]
    .filter(Boolean)
    .join(' ')
}

type IndexColumns = Index['config']['columns']

// The name that drizzle-kit gives to an index without one.
function indexName(table: string, columns: IndexColumns): string {
  const names = columns.map((column) => {
    if (is(column, IndexedColumn)) return column.name
    throw uncovered(`an index on an expression of table ${table} that has no name`)
  })
  return `${table}_${names.join('_')}_index`
}

function indexedColumn(column: IndexColumns[number]): string {
  if (is(column, SQL)) return `(${render(column)})`
  if (!is(column, IndexedColumn)) throw uncovered('an index on something other than columns')
  const { order, nulls, opClass } = column.indexConfig
  // Written only where it differs from the default: not every index method supports ordering.
  const descending = order === 'desc'
  const otherNulls = nulls === (descending ? 'last' : 'first') && `nulls ${nulls}`
  return [column.name && quotedName(column.name), opClass, descending && 'desc', otherNulls]
    .filter(Boolean)
    .join(' ')
}

/** A default or a generated value, as SQL. */
function expression(column: PgColumn, value: unknown): string {
  const given = typeof value === 'function' ? value() : value
  return is(given, SQL) ? render(given) : literal(column, column.mapToDriverValue(given))
}

function literal(column: PgColumn, value: unknown): string {
  if (typeof value === 'string') return quotedText(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value)
  }
  if (value instanceof Date) return quotedText(value.toISOString())
  if (value instanceof Uint8Array) return quotedText(`\\x${Buffer.from(value).toString('hex')}`)
  // In 0.45 the column has made JSON of it already.
  if (/^jsonb?$/.test(column.getSQLType())) return quotedText(JSON.stringify(value))
  throw uncovered(`the default of column ${column.name}`)
}

const dialect = new PgDialect()

const quotedText = (value: string) => dialect.escapeString(value)

/** A name in quotes, behind its schema's if it has one. */
const quotedName = (...names: (string | undefined)[]) =>
  names.flatMap((name) => (name === undefined ? [] : dialect.escapeName(name))).join('.')

const columnList = (columns: { name: string }[]) =>
  `(${columns.map(({ name }) => quotedName(name)).join(', ')})`

// DDL takes no parameters: values are written into it.
const render = (value: SQL) => dialect.sqlToQuery(sql`${value}`.inlineParams()).sql
