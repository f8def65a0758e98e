/** Processes and ports of this machine. */
import { readlinkSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'

/** Whether there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/**
 * Whether this process is the server that works in this folder. After a crash, the file with its number may
 * name a process of something else.
 */
export function isServerOf(folder: string, pid: number): boolean {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder)
  } catch {
    return false
  }
}

/** The code of an error of the system: `EACCES`. The error itself as text, if it has none. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** The preferred port if it is free, or else another one that is. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      const taken = typeof address === 'object' ? address?.port : undefined
      probe.close(() => resolve(taken))
    })
  })
}
