/**
 * One statement fails, and the whole transaction is lost, even if the error is caught. A savepoint is a place to
 * come back to: what comes after it can fail, and the rest goes on. In Drizzle it is a transaction within one.
 */
import { createTables } from '../../db/create-tables.ts'
import { errorMessage } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'
import { customers } from '../../db/schema/customers.ts'

await using db = openDatabase()
await createTables(db, { customers })

const list = [
  { name: 'Ada', email: 'ada@example.com' },
  { name: 'Grace', email: 'grace@example.com' },
  { name: 'Another Ada', email: 'ada@example.com' },
  { name: 'Alan', email: 'alan@example.com' },
]

// To catch the error is not enough: the server takes nothing more from this transaction.
await db
  .transaction(async (tx) => {
    for (const customer of list) {
      try {
        await tx.insert(customers).values(customer)
      } catch (error) {
        console.log(`${customer.name}:`, errorMessage(error))
      }
    }
  })
  .catch((error: Error) => console.log('THE TRANSACTION:', error.message))
console.log('WITHOUT SAVEPOINTS:', await db.$count(customers))

// With a transaction for each row inside the large one, only the row that failed is undone.
await db.transaction(async (tx) => {
  for (const customer of list) {
    try {
      await tx.transaction(async (inner) => {
        await inner.insert(customers).values(customer)
      })
    } catch (error) {
      console.log(`${customer.name}:`, errorMessage(error))
    }
  }
})
console.log('WITH SAVEPOINTS:', await db.$count(customers))

// An inner commit is only a promise: if the outer transaction is undone, so is everything in it.
await db
  .transaction(async (tx) => {
    await tx.transaction(async (inner) => {
      await inner.insert(customers).values({ name: 'Edsger', email: 'edsger@example.com' })
    })
    console.log('INSIDE:', await tx.$count(customers))
    tx.rollback()
  })
  .catch(() => {})
console.log('AFTER THE OUTER ROLLBACK:', await db.$count(customers))
