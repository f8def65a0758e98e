/**
 * Each column has two types: PostgreSQL's and the one of its value in JavaScript. Mostly they agree. Where
 * they cannot, a choice was made, and this lesson shows which: what goes in, what comes out, and as what.
 */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  integer,
  interval,
  numeric,
  pgTable,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'

// Drizzle has no bytea; a type of one's own is one line. The driver knows a Buffer already.
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

const samples = pgTable('samples', {
  whole: integer('whole'),
  exact: numeric('exact', { precision: 20, scale: 2 }),
  exactNumber: numeric('exact_number', { precision: 20, scale: 2, mode: 'number' }),
  large: bigint('large', { mode: 'bigint' }),
  largeNumber: bigint('large_number', { mode: 'number' }),
  float: doublePrecision('float'),
  flag: boolean('flag'),
  tags: text('tags').array(),
  bytes: bytea('bytes'),
  id: uuid('id'),
  span: interval('span'),
})

await using db = openDatabase()
await createTables(db, { samples })
await db.insert(samples).values({
  whole: 2_147_483_647,
  exact: '100000000000000000.10',
  exactNumber: 1.1,
  large: 9_007_199_254_740_993n,
  largeNumber: 42,
  float: 0.1 + 0.2,
  flag: true,
  tags: ['a', 'with "quotes"', ''],
  bytes: Buffer.from([0, 255]),
  id: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
  span: '90 minutes',
})

// The type in the table, the type in JavaScript, and the value.
const [row] = await db.select().from(samples)
for (const [name, value] of Object.entries(row ?? {})) {
  const kind = Array.isArray(value) ? 'array' : value instanceof Buffer ? 'Buffer' : typeof value
  console.log(`${name}: ${kind}`, value)
}

// Outside of a column nobody knows the type, and the driver keeps to what is safe: numbers that may be too
// large for JavaScript are strings. The type that you write is a promise, and this one is broken.
const [raw] = await db.execute<{ count: number }>(sql`select count(*) from samples`)
console.log('COUNT BY RAW SQL:', raw)

// A cast or `mapWith` keeps the promise, except for null: `mapWith` is not called on it. A sum of
// no rows is null, hence `coalesce`.
const [cast] = await db.execute<{ count: number }>(sql`select count(*)::int from samples`)
console.log('COUNT WITH A CAST:', cast)
const [mapped] = await db
  .select({ sum: sql`coalesce(sum(whole), 0)`.mapWith((sum) => BigInt(String(sum))) })
  .from(samples)
console.log('SUM WITH MAPWITH:', mapped)
