/** `await using x = e` as try and finally, for a browser that does not know it yet. Lines stay where they are. */
import { type Node, parse } from 'acorn'

interface Edit {
  start: number
  end: number
  text: string
}

/** @throws {SyntaxError} if the code is not JavaScript. */
export function lowerUsing(code: string): string {
  const edits = editsIn(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }))
  // From the end, so that the places of the others stay right. At the end of a block the last one closes first.
  edits.sort((a, b) => b.start - a.start)
  return edits.reduce(
    (text, { start, end, text: inserted }) => text.slice(0, start) + inserted + text.slice(end),
    code,
  )
}

function editsIn(value: unknown): Edit[] {
  if (Array.isArray(value)) return value.flatMap(editsIn)
  if (!isNode(value)) return []
  const { body } = value
  const own = Array.isArray(body)
    ? body.filter(isUsing).flatMap((node) => lowered(node, value))
    : []
  return [...own, ...Object.values(value).flatMap(editsIn)]
}

interface AnyNode extends Node {
  [property: string]: unknown
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value

interface Using extends Node {
  kind: 'using' | 'await using'
  declarations: { start: number; id: { name: string } }[]
}

const isUsing = (node: unknown): node is Using =>
  isNode(node) && node.type === 'VariableDeclaration' && /using$/.test(String(node.kind))

function lowered({ start, end, kind, declarations }: Using, block: Node): Edit[] {
  const blockEnd = block.type === 'Program' ? block.end : block.end - 1
  const names = declarations.map(({ id }) => id.name).reverse()
  const dispose = names.map((name) =>
    kind === 'await using'
      ? `await (${name}?.[Symbol.asyncDispose] ?? ${name}?.[Symbol.dispose])?.call(${name});`
      : `${name}?.[Symbol.dispose]();`,
  )
  return [
    { start, end: declarations[0]?.start ?? start, text: 'const ' },
    { start: end, end, text: '; try {' },
    { start: blockEnd, end: blockEnd, text: `} finally { ${dispose.join(' ')} }` },
  ]
}
