/** The shop: every table of the course. */
export * from './customers.ts'
export * from './items.ts'
export * from './orders.ts'
