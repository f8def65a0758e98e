/** Tests of two functions that work on the database, each of them on a clean one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, gt, sql, TransactionRollbackError } from 'drizzle-orm'
import { createTables } from '../../db/create-tables.ts'
import { errorCode } from '../../db/error-code.ts'
import { type Database, openDatabase, type Transaction } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { items } from '../../db/schema/items.ts'

// What is tested.
const add = (on: Database | Transaction, name: string) => on.insert(items).values({ name })
const disable = (on: Database | Transaction, name: string) =>
  on.update(items).set({ status: Status.DISABLE }).where(eq(items.name, name)).returning()

await using db = openDatabase()
await createTables(db, { items })

/** Runs a test in a transaction, and rolls that back. */
const rolledBack = (work: (tx: Transaction) => Promise<void>) =>
  db
    .transaction(async (tx) => {
      await work(tx)
      tx.rollback()
    })
    .catch((error) => {
      if (!(error instanceof TransactionRollbackError)) throw error
    })

await test('an item that is added is enabled', () =>
  rolledBack(async (tx) => {
    await add(tx, 'Pencil')
    const [item] = await tx.select().from(items)
    assert.equal(item?.status, Status.ENABLE)
  }))

await test('what another test has added is not there', () =>
  rolledBack(async (tx) => {
    assert.deepEqual(await disable(tx, 'Pencil'), [])
  }))

// A statement that fails ends the transaction, and with it the test: unless it fails in a savepoint.
await test('a name that is too long is refused, and the test goes on', () =>
  rolledBack(async (tx) => {
    const tooLong = tx.transaction((savepoint) => add(savepoint, 'x'.repeat(256)))
    await assert.rejects(tooLong, (error) => errorCode(error) === '22001')
    assert.equal(await tx.$count(items), 0)
  }))

/** Runs a test on a database of its own. */
async function onItsOwn(work: (own: Database) => Promise<void>): Promise<void> {
  const name = `${process.env.DB_NAME}_own`
  const drop = sql`drop database if exists ${sql.identifier(name)} with (force)`
  await db.execute(drop)
  await db.execute(sql`create database ${sql.identifier(name)}`)
  try {
    await using own = openDatabase({ name })
    await createTables(own, { items })
    await work(own)
  } finally {
    await db.execute(drop)
  }
}

// Within a transaction `now()` stands still, so this needs two of them, and both are committed. The database compares
// the times, as it has microseconds; two Dates may well be the same.
await test('updatedAt moves when an item is disabled', () =>
  onItsOwn(async (own) => {
    await add(own, 'Pencil')
    await disable(own, 'Pencil')
    const moved = await own.$count(items, gt(items.updatedAt, items.createdAt))
    assert.ok(moved === 1, 'updatedAt has not moved')
  }))
