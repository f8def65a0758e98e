/** PostgreSQL's wire protocol, version 3: as much of it as a timeline tells. */

const longest = 2 ** 30 // bytes: the server sends and takes no longer message

/** One message: its type is a letter, and none for the first one of a connection. */
export interface Message {
  type: string
  body: Buffer
}

/**
 * Cuts what arrives into messages, however it is split into packets.
 *
 * @param options.startsUntyped whether the first message is untyped, as a client's is.
 * @returns a function that takes what has arrived and gives the messages that are whole.
 * @throws {Error} if a message has a length that cannot be.
 */
export function messageReader({ startsUntyped = false } = {}): (chunk: Buffer) => Message[] {
  let rest: Buffer = Buffer.alloc(0)
  let untyped = startsUntyped
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const messages: Message[] = []
    for (;;) {
      const head = untyped ? 0 : 1
      if (rest.length < head + 4) return messages
      const length = rest.readInt32BE(head)
      if (length < 4 || length > longest) throw new Error('A message has an impossible length.')
      if (rest.length < head + length) return messages
      const body = rest.subarray(head + 4, head + length)
      messages.push({ type: untyped ? '' : String.fromCharCode(rest[0] ?? 0), body })
      // A request for encryption is followed by the real first message.
      untyped &&= isEncryptionRequest(body)
      rest = rest.subarray(head + length)
    }
  }
}

/** Whether a first message asks for encryption. */
export const isEncryptionRequest = (body: Buffer) =>
  body.length === 4 && body.readInt32BE(0) === 80877103

/** The process that a first message wants to cancel, if it is such a request. */
export const cancelledProcess = (body: Buffer): number | undefined =>
  body.length === 12 && body.readInt32BE(0) === 80877102 ? body.readInt32BE(4) : undefined

/** The texts in a body, each of which ends with a zero. */
export function texts(body: Buffer, from = 0): string[] {
  return body.subarray(from).toString().split('\0')
}

/** What a Parse message prepares: under which name, and what. */
export function parsed(body: Buffer): { name: string; statement: string } {
  const [name = '', statement = ''] = texts(body)
  return { name, statement }
}

/** What a Bind message gives to a prepared statement. A value in the binary format is left as `(binary)`. */
export function bound(body: Buffer): { name: string; values: (string | null)[] } {
  const afterPortal = body.indexOf(0) + 1
  const afterName = body.indexOf(0, afterPortal) + 1
  const name = body.subarray(afterPortal, afterName - 1).toString()
  const formatCount = body.readInt16BE(afterName)
  const formats = Array.from({ length: formatCount }, (_, i) =>
    body.readInt16BE(afterName + 2 + 2 * i),
  )
  const values: (string | null)[] = []
  let at = afterName + 2 + 2 * formatCount
  const valueCount = body.readInt16BE(at)
  at += 2
  for (let i = 0; i < valueCount; i++) {
    const length = body.readInt32BE(at)
    at += 4
    if (length < 0) {
      values.push(null)
      continue
    }
    const isText = (formats[formats.length === 1 ? 0 : i] ?? 0) === 0
    values.push(isText ? body.subarray(at, at + length).toString() : '(binary)')
    at += length
  }
  return { name, values }
}

/** The values of a DataRow as text: `10` if there is one, `(Pencil, 10)` if there are several. */
export function rowOf(body: Buffer): string {
  const values: string[] = []
  let at = 2
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at)
    at += 4
    values.push(length < 0 ? 'null' : body.subarray(at, at + length).toString())
    at += Math.max(length, 0)
  }
  return values.length === 1 ? (values[0] ?? '') : `(${values.join(', ')})`
}

/** The code of an ErrorResponse. */
export function errorCodeOf(body: Buffer): string {
  return (
    texts(body)
      .find((field) => field.startsWith('C'))
      ?.slice(1) ?? '?????'
  )
}

/** The settings that a connection begins with. */
export function startupSettings(body: Buffer): Map<string, string> {
  const words = texts(body, 4)
  const settings = new Map<string, string>()
  for (let i = 0; i + 1 < words.length; i += 2) settings.set(words[i] ?? '', words[i + 1] ?? '')
  return settings
}
