/**
 * Ten thousand rows by ten thousand statements take ten thousand trips. There are four ways to take fewer, from the one
 * that needs nothing new to the one that is made for it. Here each brings in the same rows, and is timed.
 */
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sql } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { openDatabase } from '../../db/pool.ts'
import { items } from '../../db/schema/items.ts'

await using db = openDatabase()
await createTables(db, { items })

// The ids are made here: the quick ways go past Drizzle, and past what it does for the defaults of the app.
const rows = Array.from({ length: 10_000 }, (_, i) => ({ idItem: randomUUID(), name: `Item ${i}` }))

/** The rows in pieces of at most this many. */
const chunks = (size: number) =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
    rows.slice(i * size, (i + 1) * size),
  )

const ways: Record<string, () => Promise<unknown>> = {
  // One statement for a thousand rows. A statement has at most 65 534 parameters, so there is an end to it.
  VALUES: () =>
    db.transaction(async (tx) => {
      for (const chunk of chunks(1_000)) await tx.insert(items).values(chunk)
    }),

  // Two parameters in all: an array for each column, which the server turns into rows.
  UNNEST: () =>
    db.execute(sql`
      insert into items (id_item, name)
      select * from unnest(
        ${sql.param(rows.map((row) => row.idItem))}::uuid[],
        ${sql.param(rows.map((row) => row.name))}::text[])`),

  // One parameter: JSON, which the server takes apart by the names of its fields.
  JSON: () =>
    db.execute(sql`
      insert into items (id_item, name)
      select "idItem", name from json_to_recordset(${JSON.stringify(rows)}::text::json)
        as row ("idItem" uuid, name text)`),

  // A stream of lines, and no statement for each row at all. This is the driver's, not Drizzle's.
  COPY: async () => {
    const lines = rows.map((row) => `${row.idItem}\t${row.name}\n`)
    const copy = await db.$client`copy items (id_item, name) from stdin`.writable()
    await pipeline(Readable.from(lines), copy)
  },
}

const times = new Map<string, number>()
for (const [name, insert] of Object.entries(ways)) {
  await insert() // to warm up
  await db.execute(sql`truncate items`)
  const start = performance.now()
  await insert()
  times.set(name, performance.now() - start)
  console.log(`${name}: ${await db.$count(items)} rows`)
  await db.execute(sql`truncate items`)
}

// Compared with the quickest one.
const best = Math.min(...times.values())
for (const [name, time] of times) console.log(`${name} TAKES ${(time / best).toFixed(1)}x`)
