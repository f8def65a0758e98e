/** Measures contenders side by side, in rounds that are interleaved, and tells what may be read from it. */

export interface Contender {
  name: string
  /** Does the work once, and returns how long each part of it took, or nothing if it is all one. */
  run: () => Promise<number[] | undefined>
  /** What has to be done before each run, and is not timed. */
  before?: () => Promise<void>
  /** How many operations one run is; 1 if not said. */
  operations?: number
}

export interface Result {
  name: string
  /** Milliseconds for one run: the median of the rounds, and the middle half of them. */
  median: number
  low: number
  high: number
  /** Operations in a second, by the median. */
  throughput: number
  /** Milliseconds for one operation, where each was timed. */
  p50: number | undefined
  p99: number | undefined
}

/**
 * Runs all contenders once to warm up, then in turn for so many rounds, the order changing with each round.
 *
 * @returns their results, in the order in which they were given.
 */
export async function compare(contenders: Contender[], rounds: number): Promise<Result[]> {
  const times = contenders.map((): number[] => [])
  const parts = contenders.map((): number[] => [])
  for (const { before, run } of contenders) {
    await before?.()
    await run()
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const i = (turn + round) % contenders.length
      await contenders[i]?.before?.()
      const start = performance.now()
      const timed = await contenders[i]?.run()
      times[i]?.push(performance.now() - start)
      if (timed) parts[i]?.push(...timed)
    }
  }
  return contenders.map(({ name, operations = 1 }, i) => {
    const all = times[i] ?? []
    const median = quantile(all, 0.5)
    return {
      name,
      median,
      low: quantile(all, 0.25),
      high: quantile(all, 0.75),
      throughput: (operations / median) * 1000,
      p50: parts[i]?.length ? quantile(parts[i] ?? [], 0.5) : undefined,
      p99: parts[i]?.length ? quantile(parts[i] ?? [], 0.99) : undefined,
    }
  })
}

/** The value below which this share of the values lies. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/**
 * How many times as long as the first of them, in words: `1.4x`, or `about the same` where the middle halves
 * of the rounds overlap, so that the difference may be noise.
 */
export function ratio(result: Result, first: Result): string {
  if (result === first) return '1x'
  const overlap = result.low <= first.high && first.low <= result.high
  const times = result.median / first.median
  const digits = times < 10 ? times.toFixed(1) : times.toFixed(0)
  return overlap ? `about the same (${digits}x)` : `${digits}x`
}
