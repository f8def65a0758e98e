/** Measures contenders side by side, in rounds that are interleaved, and says what may be read from it. */

export interface Contender {
  name: string
  /** One operation. */
  work: () => Promise<unknown>
  /** What has to be done before each round, and is not timed. */
  before?: () => Promise<unknown>
}

interface Plan {
  rounds: number
  /** How many operations each contender does in a round; 1 if not given. */
  operations?: number
  /** How they are done: `inTurn`, if not given, or `atOnce`. */
  run?: typeof inTurn
}

interface Summary {
  name: string
  /** Milliseconds for a round: the median of all rounds, and the middle half of them. */
  median: number
  low: number
  high: number
  /** Operations in a second, by the median. */
  throughput: number
  /** Milliseconds for one operation. */
  p50: number
  p99: number
}

export interface Result extends Summary {
  /**
   * How many times as long as the first contender: `1.4x`, or `about the same (1.1x)` where the middle halves of
   * the rounds overlap, so that the difference may be noise.
   */
  ratio: string
}

/**
 * Runs all contenders in rounds, each of which begins with the next of them. The first round warms up, and
 * does not count.
 *
 * @returns their results, in the order in which they were given.
 */
export async function compare(contenders: Contender[], plan: Plan): Promise<Result[]> {
  const entrants = contenders.map((contender): Entrant => ({ contender, rounds: [] }))
  for (let round = 0; round <= plan.rounds; round += 1) {
    const first = round % entrants.length
    for (const { contender, rounds } of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      rounds.push(await measure(contender, plan))
    }
  }
  const results = entrants.map(({ contender, rounds }) => summary(contender.name, rounds.slice(1)))
  const [floor] = results
  return results.map((result) => ({ ...result, ratio: floor ? ratio(result, floor) : '' }))
}

interface Entrant {
  contender: Contender
  rounds: Round[]
}

/** The milliseconds of a round, and of each of its operations. */
interface Round {
  total: number
  each: number[]
}

async function measure({ work, before }: Contender, plan: Plan): Promise<Round> {
  const { operations = 1, run = inTurn } = plan
  await before?.()
  const start = performance.now()
  const each = await run(work, operations)
  return { total: performance.now() - start, each }
}

/** Does the work so many times, one after another. Returns how long each time took. */
async function inTurn(work: () => Promise<unknown>, count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i += 1) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times
}

/** Starts the work so many times at once. Returns how long each took, from the start of the first. */
export async function atOnce(work: () => Promise<unknown>, count: number): Promise<number[]> {
  const start = performance.now()
  const each = () => work().then(() => performance.now() - start)
  return Promise.all(Array.from({ length: count }, each))
}

function summary(name: string, rounds: Round[]): Summary {
  const totals = rounds.map(({ total }) => total)
  const operations = rounds.flatMap(({ each }) => each)
  const median = quantile(totals, 0.5)
  return {
    name,
    median,
    low: quantile(totals, 0.25),
    high: quantile(totals, 0.75),
    throughput: (operations.length / rounds.length / median) * 1000,
    p50: quantile(operations, 0.5),
    p99: quantile(operations, 0.99),
  }
}

/** The value below which this share of the values lies. */
function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

function ratio(result: Summary, floor: Summary): string {
  if (result === floor) return '1x'
  const times = result.median / floor.median
  const text = `${times.toFixed(times < 10 ? 1 : 0)}x`
  const overlap = result.low <= floor.high && floor.low <= result.high
  return overlap ? `about the same (${text})` : text
}
