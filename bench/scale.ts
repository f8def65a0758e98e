/** What grows with the number of rows, and what does not. */
import { execFileSync } from 'node:child_process'
import { asc, eq, gt } from 'drizzle-orm'
import { type Database, openDatabase } from '../src/db/pool.ts'
import { compare } from './measure.ts'
import { empty, fill, rows } from './rows.ts'

/** What was measured for tables of these sizes, in rows. */
export interface Growth {
  title: string
  unit: string
  sizes: number[]
  series: Series[]
}

/** A value for each of the sizes. */
export interface Series {
  name: 'by key' | 'by cursor' | 'by offset' | 'all at once'
  values: number[]
}

/** The same questions to tables of a thousand to a million rows, each in so many rounds. */
export async function selectGrowth(rounds: number): Promise<Growth> {
  await using db = openDatabase()
  const sizes = [1_000, 10_000, 100_000, 1_000_000]
  const names = ['by key', 'by cursor', 'by offset'] as const
  const series: Series[] = names.map((name) => ({ name, values: [] }))
  for (const size of sizes) {
    await fill(db, size)
    const results = await compare(questions(db, size / 2), { rounds })
    for (const [i, { median }] of results.entries()) series[i]?.values.push(median)
  }
  await empty(db)
  return { title: 'A page in the middle of a table', unit: 'ms', sizes, series }
}

/** Asks for one row, and for the ten that follow it, by a cursor and by an offset. */
function questions(db: Database, middle: number) {
  const page = () => db.select().from(rows).orderBy(asc(rows.id)).limit(10)
  return [
    { name: 'by key', work: () => db.select().from(rows).where(eq(rows.id, middle)).execute() },
    { name: 'by cursor', work: () => page().where(gt(rows.id, middle)).execute() },
    { name: 'by offset', work: () => page().offset(middle).execute() },
  ]
}

/** The memory of a program that reads so many rows, by a cursor and all at once. */
export function memoryGrowth(): Growth {
  const sizes = [10_000, 100_000, 1_000_000]
  const read = (way: string) =>
    sizes.map((size) => {
      const script = ['--expose-gc', '--import', 'tsx', 'bench/memory.ts', way, String(size)]
      return Number(execFileSync(process.execPath, script, { encoding: 'utf8' }))
    })
  const series: Series[] = [
    { name: 'by cursor', values: read('cursor') },
    { name: 'all at once', values: read('all') },
  ]
  return { title: 'Memory that is held while rows are read', unit: 'MB', sizes, series }
}
