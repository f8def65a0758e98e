/** The code of what went wrong, PostgreSQL's or Node's: Drizzle keeps the error that has it in `cause`. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return errorCode(error.cause)
}

/** What went wrong in PostgreSQL's words, or Node's. The message of Drizzle's own error is the query. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : errorMessage(error.cause)
}
