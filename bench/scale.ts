/** What grows with the number of rows, and what does not. */
import { execFileSync } from 'node:child_process'
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { createTables } from '../src/db/create-tables.ts'
import { openDatabase } from '../src/db/pool.ts'
import { compare } from './measure.ts'
import { fill, rows } from './queries.ts'
import { chart, grouped, ms, type Series, sparkline, table } from './report.ts'

export interface Growth {
  text: string
  svg: string
}

/** The same questions to tables of a thousand to a million rows. */
export async function selectGrowth(rounds: number): Promise<Growth> {
  await using db = openDatabase()
  await createTables(db, { rows })
  const sizes = [1_000, 10_000, 100_000, 1_000_000]
  const series: Series[] = ['by key', 'by cursor', 'by offset'].map((name) => ({
    name,
    values: [],
  }))
  for (const size of sizes) {
    await fill(db, size)
    const middle = size / 2
    const page = db.select().from(rows).orderBy(asc(rows.id)).limit(10).$dynamic()
    const questions = [
      () => db.select().from(rows).where(eq(rows.id, middle)).execute(),
      () => page.where(and(gt(rows.id, middle))).execute(),
      () => db.select().from(rows).orderBy(asc(rows.id)).limit(10).offset(middle).execute(),
    ]
    const contenders = questions.map((ask, i) => ({
      name: series[i]?.name ?? '',
      run: async () => {
        await ask()
        return undefined
      },
    }))
    const results = await compare(contenders, rounds)
    for (const [i, { median }] of results.entries()) series[i]?.values.push(median)
  }
  await db.execute(sql`truncate rows`)
  return growth('A page in the middle of a table', 'ms', sizes, series)
}

/** The memory of a program that reads so many rows, by a cursor and all at once. */
export function memoryGrowth(): Growth {
  const sizes = [10_000, 100_000, 1_000_000]
  const read = (way: string) =>
    sizes.map((size) => {
      const script = ['--expose-gc', '--import', 'tsx', 'bench/memory.ts', way, String(size)]
      return Number(execFileSync(process.execPath, script, { encoding: 'utf8' }))
    })
  const series = [
    { name: 'by cursor', values: read('cursor') },
    { name: 'all at once', values: read('all') },
  ]
  return growth('Memory that is held while rows are read', 'MB', sizes, series)
}

function growth(title: string, unit: string, sizes: number[], series: Series[]): Growth {
  const greatest = Math.max(...series.flatMap(({ values }) => values))
  const head = [`${title}, ${unit}`, ...sizes.map((size) => `${grouped(size)} rows`), '']
  const body = series.map(({ name, values }) => [
    name,
    ...values.map(ms),
    sparkline(values, greatest),
  ])
  return { text: table(head, body), svg: chart(title, unit, sizes, series) }
}
