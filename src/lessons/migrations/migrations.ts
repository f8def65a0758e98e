/**
 * Tables with data in them are not created anew but changed: step by step, and the same way on every machine. Each step is
 * a file of SQL that is written once, and the database knows which of them it has seen.
 */
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { errorCode } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

await using db = openDatabase({ max: 1 })

// The folder is as `drizzle-kit generate` writes it: SQL files, and a journal with their order.
const migrationsFolder = await mkdtemp(join(tmpdir(), 'migrations-'))
process.on('exit', () => rmSync(migrationsFolder, { recursive: true }))
await mkdir(join(migrationsFolder, 'meta'))
const entries: { idx: number; tag: string; when: number; breakpoints: boolean }[] = []
async function write(tag: string, ...statements: string[]): Promise<void> {
  const idx = Number(tag.slice(0, 4))
  entries[idx] = { idx, tag, when: Date.UTC(2026, 0, idx + 1), breakpoints: true }
  const journal = { version: '7', dialect: 'postgresql', entries }
  await writeFile(join(migrationsFolder, 'meta/_journal.json'), JSON.stringify(journal))
  await writeFile(join(migrationsFolder, `${tag}.sql`), statements.join('--> statement-breakpoint'))
}

/** Applies what is new. `migrate` takes no lock, so this takes one, on a connection of its own. */
async function applyMigrations(): Promise<void> {
  await using turn = openDatabase({ max: 1 })
  await turn.transaction(async (tx) => {
    // The lock's connection is idle while the migration runs, and must not be closed for that.
    await tx.execute(sql`set local idle_in_transaction_session_timeout = 0`)
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('migrations'))`)
    await migrate(db, { migrationsFolder })
  })
}

/** The columns of the table, and how many migrations the database has seen. */
async function state() {
  const [row] = await db.execute(sql`
    select (select count(*)::int from drizzle.__drizzle_migrations) as migrations,
      string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) as columns
    from information_schema.columns where table_name = 'items'`)
  return row
}

// The first migration, as it is generated from a model. The second time there is nothing to do.
await write('0000_items', 'create table items (name text primary key, price text not null)')
await applyMigrations()
console.log('APPLIED:', await state())
await applyMigrations()
console.log('AGAIN:', await state())

// A price is a number, after all. The rows stay: `using` converts the values, `rename` keeps them.
await db.execute(sql`insert into items values ('Pencil', '1.20'), ('Notebook', '3')`)
await write(
  '0001_price',
  'alter table items alter column price type numeric(8, 2) using price::numeric',
  'alter table items rename column price to unit_price',
)
await applyMigrations()
console.log('CHANGED:', await state())

// Two programs start together. One applies what is new; the other waits, and finds nothing to do.
await write('0002_cents', 'update items set unit_price = unit_price * 100')
await Promise.all([applyMigrations(), applyMigrations()])
console.log('TWO AT ONCE:', [...(await db.execute(sql`select * from items`))])

// All new migrations run in one transaction. The second statement here fails, and the first one is undone too.
const stock = 'alter table items add column stock integer not null default 0'
await write('0003_stock', stock, 'alter table items add check (stock > 0)')
await applyMigrations().catch((error) => console.log('FAILED:', errorCode(error)))
console.log('AS BEFORE:', await state())

// A migration that no database has seen may still be corrected. One that was applied never is: write another.
await write('0003_stock', stock, 'alter table items add check (stock >= 0)')
await applyMigrations()
console.log('CORRECTED:', await state())
