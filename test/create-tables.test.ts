/** What createTables makes is what drizzle-kit would make; what it does not cover, it refuses. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  integer,
  pgMaterializedView,
  pgPolicy,
  pgRole,
  pgSchema,
  pgSequence,
  pgTable,
  pgView,
  text,
} from 'drizzle-orm/pg-core'
import { createForeignKeys, createTables } from '../src/db/create-tables.ts'
import { type Database, openDatabase } from '../src/db/pool.ts'
import * as everything from './fixtures/every-declaration.ts'
import { copyProject, type Project, root, startEmbedded } from './support.ts'

let project: Project

before(async () => {
  project = copyProject()
  const settings = { DB_PASS: 'secret', DB_NAME: 'base' }
  const DB_PORT = await startEmbedded(project, settings)
  Object.assign(process.env, settings, { DB_HOST: '127.0.0.1', DB_PORT })
})
after(() => project.remove())

/** Runs the work on a new database. */
async function onDatabase<T>(name: string, work: (db: Database) => Promise<T>): Promise<T> {
  process.env.DB_NAME = 'base'
  {
    await using base = openDatabase()
    await base.execute(sql`drop database if exists ${sql.identifier(name)}`)
    await base.execute(sql`create database ${sql.identifier(name)}`)
  }
  process.env.DB_NAME = name
  await using db = openDatabase()
  return await work(db)
}

/** All that the catalog knows of what we can create, as lines of text. */
async function catalog(db: Database): Promise<string[]> {
  const rows = await db.execute<{ line: string }>(sql`
    with ours as (
      select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    )
    select format('schema %s', nspname) as line from pg_namespace where oid in (select oid from ours)
    union all
    select format('%s %s.%s type=%s notnull=%s identity=%s generated=%s default=%s dimensions=%s',
      attnum, attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull,
      attidentity, attgenerated, pg_get_expr(adbin, adrelid), attndims)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attnum > 0 and relkind = 'r' and relnamespace in (select oid from ours)
    union all
    select format('constraint %s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace in (select oid from ours)
    union all
    select indexdef from pg_indexes where quote_ident(schemaname)::regnamespace in (select oid from ours)
    union all
    select format('sequence %s', to_jsonb(pg_sequences)) from pg_sequences
    union all
    select format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ' | ' order by enumsortorder))
    from pg_enum group by enumtypid
    order by line`)
  return rows.map(({ line }) => line)
}

test('everything it covers is what drizzle-kit makes of it', async () => {
  const kit = execFileSync(
    'node_modules/.bin/drizzle-kit',
    ['export', '--dialect', 'postgresql', '--schema', 'test/fixtures/every-declaration.ts'],
    { cwd: root, encoding: 'utf8' },
  )
  const theirs = await onDatabase('theirs', async (db) => {
    for (const statement of kit.split(';\n')) if (statement.trim()) await db.execute(statement)
    return await catalog(db)
  })
  const ours = await onDatabase('ours', async (db) => {
    await createTables(db, everything)
    return await catalog(db)
  })
  assert.ok(ours.length > 100, `only ${ours.length} lines`)
  assert.deepEqual(ours, theirs)
})

test('a second run changes nothing', async () => {
  await onDatabase('twice', async (db) => {
    await createTables(db, everything)
    const before = await catalog(db)
    assert.deepEqual(await createTables(db, everything), [])
    assert.deepEqual(await catalog(db), before)
  })
})

test('the foreign keys in a second step: the same comes of it', async () => {
  const atOnce = await onDatabase('at_once', async (db) => {
    await createTables(db, everything)
    return await catalog(db)
  })
  const inTwoSteps = await onDatabase('in_two_steps', async (db) => {
    await createTables(db, everything, { foreignKeys: false })
    const isForeignKey = (line: string) => line.includes('FOREIGN KEY')
    assert.deepEqual((await catalog(db)).filter(isForeignKey), [])
    const statements = await createForeignKeys(db, everything)
    assert.equal(statements.length, atOnce.filter(isForeignKey).length)
    assert.deepEqual(await createForeignKeys(db, everything), [])
    return await catalog(db)
  })
  assert.deepEqual(inTwoSteps, atOnce)
})

test('four callers at once: each finds everything there afterwards, and none fails', async () => {
  for (let round = 0; round < 10; round++) {
    await onDatabase('four_callers', async (db) => {
      const counts = async (create: () => Promise<string[]>) => {
        const executed = await Promise.all([create(), create(), create(), create()])
        return executed.map((statements) => statements.length).sort((a, b) => b - a)
      }
      const [first, ...others] = await counts(() =>
        createTables(db, everything, { foreignKeys: false }),
      )
      assert.ok(first)
      assert.deepEqual(others, [0, 0, 0])
      const keys = await counts(() => createForeignKeys(db, everything))
      const isForeignKey = (line: string) => line.includes('FOREIGN KEY')
      const created = (await catalog(db)).filter(isForeignKey)
      assert.equal(
        keys.reduce((sum, count) => sum + count),
        created.length,
      )
    })
  }
})

test('what is missing is added beside what is there', async () => {
  await onDatabase('added', async (db) => {
    const { chicken, egg, ...rest } = everything
    await createTables(db, rest)
    const statements = await createTables(db, { egg })
    assert.equal(statements.length, 3, statements.join('\n'))
    assert.deepEqual(await createTables(db, { chicken }), [])
  })
})

test('all or nothing', async () => {
  await onDatabase('nothing', async (db) => {
    const good = pgTable('good', { id: integer('id').primaryKey() })
    const bad = pgTable('bad', { id: integer('id').default(sql`no_such_function()`) })
    await assert.rejects(createTables(db, { good, bad }))
    assert.deepEqual(await catalog(db), ['schema public'])
  })
})

test('names and defaults with quotes, which drizzle-kit gets wrong', async () => {
  await onDatabase('quotes', async (db) => {
    const schema = pgSchema('a "schema"')
    const mood = schema.enum('the "mood"', ["it's", 'a "b"'])
    const odd = schema.table('odd "table"', {
      id: integer('the "id"').primaryKey(),
      mood: mood('mood').array().default(["it's"]),
      big: bigint('big', { mode: 'bigint' }).default(9007199254740993n),
      text: text('text').default(`it's a \\ "quote"`),
      parent: integer('parent').references((): AnyPgColumn => odd.id),
    })
    await createTables(db, { odd })
    await db.insert(odd).values({ id: 1 })
    assert.deepEqual(await db.select().from(odd), [
      { id: 1, mood: ["it's"], big: 9007199254740993n, text: `it's a \\ "quote"`, parent: null },
    ])
  })
})

test('what it does not cover is named', async () => {
  const table = pgTable('a_table', { id: integer('id') })
  const schemas: [string, Record<string, unknown>][] = [
    ['aView, a PgView', { aView: pgView('v').as((query) => query.select().from(table)) }],
    [
      'aView, a PgMaterializedView',
      { aView: pgMaterializedView('v').as((query) => query.select().from(table)) },
    ],
    ['aSequence, a PgSequence', { aSequence: pgSequence('s') }],
    ['aRole, a PgRole', { aRole: pgRole('r') }],
    ['aPolicy, a PgPolicy', { aPolicy: pgPolicy('p') }],
    ['the row-level security of table t', { t: pgTable('t', { id: integer('id') }).enableRLS() }],
    ['the policies of table t', { t: pgTable('t', { id: integer('id') }, () => [pgPolicy('p')]) }],
  ]
  await onDatabase('uncovered', async (db) => {
    for (const [what, schema] of schemas) {
      await assert.rejects(createTables(db, schema), (error: Error) =>
        error.message.includes(`cover ${what}`),
      )
    }
    assert.deepEqual(await catalog(db), ['schema public'])
  })
})
