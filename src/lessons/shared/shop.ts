/** The shop with a few rows in it, for the lessons that need more than one table. */
import { createTables } from '../../db/create-tables.ts'
import type { Database } from '../../db/pool.ts'
import { Status } from '../../db/schema/common.ts'
import { customers } from '../../db/schema/customers.ts'
import { items } from '../../db/schema/items.ts'
import { orderLines, orders } from '../../db/schema/orders.ts'

/**
 * Creates the tables of the shop and fills them: five items, three customers, three orders.
 *
 * | order | by | on | lines |
 * | --- | --- | --- | --- |
 * | 1 | Ada | 2 March | 3 pencils, 1 notebook |
 * | 2 | Grace | 9 March | 2 notebooks, 1 eraser |
 * | 3 | Ada | 16 March | 1 pen |
 *
 * Alan has ordered nothing, and nobody the inkwell, which is disabled.
 */
export async function fillShop(db: Database): Promise<void> {
  await createTables(db, { customers, items, orders, orderLines })

  const [pencil, notebook, pen, eraser] = await db
    .insert(items)
    .values([
      { name: 'Pencil' },
      { name: 'Notebook' },
      { name: 'Pen' },
      { name: 'Eraser' },
      { name: 'Inkwell', status: Status.DISABLE },
    ])
    .returning()
  const [ada, grace] = await db
    .insert(customers)
    .values([
      { name: 'Ada', email: 'ada@example.com' },
      { name: 'Grace', email: 'grace@example.com' },
      { name: 'Alan', email: 'alan@example.com' },
    ])
    .returning()
  if (!pencil || !notebook || !pen || !eraser || !ada || !grace) throw new Error('rows are missing')

  const [first, second, third] = await db
    .insert(orders)
    .values([
      { idCustomer: ada.idCustomer, orderedOn: '2026-03-02' },
      { idCustomer: grace.idCustomer, orderedOn: '2026-03-09' },
      { idCustomer: ada.idCustomer, orderedOn: '2026-03-16' },
    ])
    .returning()
  if (!first || !second || !third) throw new Error('orders are missing')

  await db.insert(orderLines).values([
    { idOrder: first.idOrder, idItem: pencil.idItem, quantity: 3, unitPrice: '0.80' },
    { idOrder: first.idOrder, idItem: notebook.idItem, quantity: 1, unitPrice: '3.50' },
    { idOrder: second.idOrder, idItem: notebook.idItem, quantity: 2, unitPrice: '3.50' },
    { idOrder: second.idOrder, idItem: eraser.idItem, quantity: 1, unitPrice: '1.20' },
    { idOrder: third.idOrder, idItem: pen.idItem, quantity: 1, unitPrice: '12.00' },
  ])
}
