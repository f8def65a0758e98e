/**
 * After an error, the server refuses everything else that the transaction asks for, even if you
 * caught the error. A savepoint is a place to go back to. In Drizzle it is a transaction inside
 * another one.
 */
import { pgTable, text } from 'drizzle-orm/pg-core'
import { createTables } from '../../db/create-tables.ts'
import { errorCode, errorMessage } from '../../db/error-code.ts'
import { openDatabase } from '../../db/pool.ts'

const customers = pgTable('customers', { email: text('email').primaryKey() })

await using db = openDatabase()
await createTables(db, { customers })

// A list to import. Ada is on it twice.
const list = ['ada@example.com', 'grace@example.com', 'ada@example.com', 'alan@example.com']
console.log('TO IMPORT:', list.length)

// Without savepoints, it is not enough to catch the error of a row.
const whole = db.transaction(async (tx) => {
  for (const email of list) {
    try {
      await tx.insert(customers).values({ email })
    } catch (error) {
      console.log(`${email}:`, errorMessage(error))
    }
  }
})
await whole.catch(async (error) =>
  console.log(`ALL IN ONE (${errorCode(error)}), customers:`, await db.$count(customers)),
)

// With a savepoint for each row, only the row that failed is undone.
await db.transaction(async (tx) => {
  for (const email of list) {
    try {
      await tx.transaction((inner) => inner.insert(customers).values({ email }))
    } catch (error) {
      console.log(`${email}:`, errorMessage(error))
    }
  }
})
console.log('A SAVEPOINT FOR EACH, customers:', await db.$count(customers))
