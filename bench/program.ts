/** Runs other programs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program to its end, without its output. Rejects if it is not there, or does not end with 0. */
export async function runProgram(words: string[], env = process.env): Promise<void> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { env, stdio: 'ignore' })
  const [code]: unknown[] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
}

/** Whether a program is there and does its work. */
export const canRun = (words: string[]): Promise<boolean> =>
  runProgram(words).then(
    () => true,
    () => false,
  )
