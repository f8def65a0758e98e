/**
 * A category is part of another one, which is part of another one. The table refers to itself, and a recursive
 * query walks along: down to all the parts, or up to the root, in one statement and to any depth.
 */
import { type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'

// The type is said because TypeScript cannot find out the one of a table that is being described right now.
const categories = pgTable('categories', {
  name: text('name').primaryKey(),
  parent: text('parent').references((): AnyPgColumn => categories.name),
})

await using db = openDatabase()
await createTables(db, { categories })
await db
  .insert(categories)
  .values([
    { name: 'Stationery' },
    { name: 'Paper', parent: 'Stationery' },
    { name: 'Writing', parent: 'Stationery' },
    { name: 'Notebooks', parent: 'Paper' },
    { name: 'Pens', parent: 'Writing' },
    { name: 'Fountain pens', parent: 'Pens' },
  ])

// Drizzle has no builder for a recursive query. The template does, and the tables in it keep their names. The
// first select is where it begins; the second one takes each row found and adds the next ones, until there are
// none. `path` is how it came there.
const down = (start: string) => sql`
  with recursive tree as (
    select name, 0 as depth, array[name] as path from ${categories} where name = ${start}
    union all
    select c.name, depth + 1, path || c.name
    from ${categories} as c join tree on c.parent = tree.name
    where c.name <> all (path)
  )`

const below = await db.execute<{ name: string; depth: number }>(
  sql`${down('Stationery')} select name, depth from tree order by path`,
)
for (const { name, depth } of below) console.log(`${'  '.repeat(depth)}${name}`)

// The other way: from a part up to the root, as a website shows it above the page.
const up = await db.execute<{ name: string }>(sql`
  with recursive trail as (
    select name, parent, 0 as step from ${categories} where name = 'Fountain pens'
    union all
    select c.name, c.parent, step + 1 from ${categories} as c join trail on c.name = trail.parent
  )
  select name from trail order by step desc`)
console.log('TRAIL:', up.map(({ name }) => name).join(' > '))

// How many parts has each, all levels together? The same walk, begun at every row.
const counts = await db.execute<{ name: string; parts: number }>(sql`
  with recursive tree as (
    select name as root, name from ${categories}
    union all
    select root, c.name from ${categories} as c join tree on c.parent = tree.name
  )
  select root as name, count(*)::int - 1 as parts from tree group by root having count(*) > 1 order by root`)
console.log('PARTS:', [...counts])

// A circle has no end, and the walk would go round for ever. `where c.name <> all (path)` in it steps on no
// row a second time.
await db.execute(sql`update ${categories} set parent = 'Fountain pens' where name = 'Stationery'`)
const circle: SQL = sql`${down('Stationery')} select count(*)::int as count from tree`
console.log('IN THE CIRCLE:', ...(await db.execute(circle)))
