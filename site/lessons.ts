/** What the site adds to the pages of docs/: the source beside the article, and how the two belong together. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHighlighter } from 'shiki'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The colours of code, in the article and beside it. */
export const themes = {
  light: 'github-light-high-contrast',
  dark: 'github-dark-high-contrast',
} as const

/** The lessons that a page cannot run, and why. Whoever reads them sees what they printed on a server. */
export const recorded: Record<string, string> = {
  transactions: 'it looks at one transaction from another, and a page has one session',
  sessions: 'it uses AsyncLocalStorage of Node, and several sessions',
  isolation: 'its transactions meet each other, and a page has one session',
  locking: 'its transactions wait for each other, and a page has one session',
  'advisory-locks': 'its programs wait for each other, and a page has one session',
  pool: 'it opens several connections, and a page has one session',
  bulk: 'it writes into the streams of Node',
  streaming: 'it reads from the streams of Node',
  'listen-notify': 'it loses its connection on purpose, and a page has only this one',
  migrations: 'it reads migrations from files',
  testing: 'it runs the test runner of Node',
  replicas: 'it has two servers',
  pooler: 'it has a pooler in front of its server',
  sharding: 'it has three servers',
}

/** The groups of lessons, in the order of examples.txt. */
export function groups(): { title: string; lessons: string[] }[] {
  const result: { title: string; lessons: string[] }[] = []
  for (const line of read('src/examples/examples.txt').trimEnd().split('\n')) {
    const [, name] = /^\s+(\S+)/.exec(line) ?? []
    if (name) result.at(-1)?.lessons.push(name)
    else result.push({ title: line, lessons: [] })
  }
  return result
}

const lessons = new Set(groups().flatMap((group) => group.lessons))

interface Excerpt {
  number: number
  file: string
  /** The first line of the file is 1. */
  from: number
  to: number
}

/**
 * A page of docs/ as the site builds it: each excerpt with its number, and behind the article the files that it
 * quotes, with the same numbers. A page that belongs to no lesson stays as it is.
 *
 * @param name the page's name, without `.md`.
 * @throws {Error} if an excerpt does not stand in its file.
 */
export async function webPage(name: string, markdown: string): Promise<string> {
  const excerpts: Excerpt[] = []
  const article = withoutNavigation(markdown).replace(
    /^```(\w+) (\S+)\n([\s\S]*?)^```$/gm,
    (_, language: string, file: string, body: string) => {
      const fence = `\`\`\`${language}\n${body}\`\`\``
      if (language === 'diff') return changeFigure(file, fence)
      if (!lessons.has(name)) return fence
      const excerpt = { number: excerpts.length + 1, file, ...place(name, file, body) }
      excerpts.push(excerpt)
      return excerptFigure(excerpt, fence)
    },
  )
  if (!lessons.has(name)) return article
  return `---\naside: false\npageClass: lesson\n---\n\n${article}\n\n${await pane(name, markdown, excerpts)}\n`
}

/** Without the line of links at the end: the site has its own. */
const withoutNavigation = (markdown: string) => markdown.replace(/\n---\n\n.*\n$/, '\n')

const excerptFigure = ({ number, file }: Excerpt, fence: string) =>
  `<figure class="excerpt" id="excerpt-${number}" data-excerpt="${number}" data-file="${file}">
<figcaption><a class="mark vp-raw" href="#line-${number}" data-excerpt="${number}" aria-label="Excerpt ${number}: show it in ${file}"></a></figcaption>

${fence}

</figure>`

const changeFigure = (file: string, fence: string) =>
  `<figure class="change">
<figcaption>A change to ${file}</figcaption>

${fence}

</figure>`

/** Where an excerpt stands in its file. */
function place(page: string, file: string, body: string): { from: number; to: number } {
  const source = `\n${read(file)}`
  const at = source.indexOf(`\n${body}`)
  if (at < 0) throw new Error(`docs/${page}.md quotes what is not in ${file}:\n${body}`)
  const from = source.slice(0, at).split('\n').length
  return { from, to: from + body.trimEnd().split('\n').length - 1 }
}

/** The column beside the article. It is there without JavaScript as well, less its buttons. */
async function pane(name: string, markdown: string, excerpts: Excerpt[]): Promise<string> {
  const script = `src/examples/${name}.ts`
  const files = [...new Set([script, ...excerpts.map(({ file }) => file)])]
  const tabs = files.map(
    (file, i) =>
      `<button role="tab" id="tab-${i}" aria-controls="source-${i}" aria-selected="${i === 0}" tabindex="${i === 0 ? 0 : -1}">${file.replace(/^src\/(examples\/)?/, '')}</button>`,
  )
  const sources = await Promise.all(
    files.map(async (file, i) => {
      const html = await highlighted(
        file,
        excerpts.filter((excerpt) => excerpt.file === file),
      )
      return `<div class="source" role="tabpanel" id="source-${i}" aria-labelledby="tab-${i}" data-file="${file}" tabindex="0">${html}</div>`
    }),
  )
  const reason = recorded[name]
  const note = reason
    ? `Recorded on a server: ${reason}. Run it by <code>./manage.sh ${name}</code>.`
    : 'As recorded on a server.'
  const run = reason
    ? ''
    : '<button class="stop" hidden>Stop</button><button class="reset" hidden>Reset</button><button class="run" title="Run (Ctrl+Enter)">Run</button>'
  return [
    `<section class="pane" v-pre aria-label="The source, and what it prints" data-lesson="${name}">`,
    '<div class="bar">',
    '<button class="fold" aria-expanded="false">Code</button>',
    `<div role="tablist" aria-label="Files">${tabs.join('')}</div>`,
    `<span class="edited" hidden>edited</span>${run}`,
    '</div>',
    `<div class="sources">${sources.join('')}</div>`,
    '<section class="output" aria-label="Output">',
    `<pre class="printed" tabindex="0" role="log" aria-label="What it prints">${escaped(transcript(name, markdown))}</pre>`,
    `<p class="note" role="status">${note}</p>`,
    '<p class="note types" hidden>Types are not checked here: <code>npm run types</code> does that.</p>',
    '</section>',
    '</section>',
  ].join('\n')
}

/** What the lesson printed when the page was written. */
function transcript(name: string, markdown: string): string {
  const [, output] =
    new RegExp(`^\`\`\`console\\n\\$ \\./manage\\.sh ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(
      markdown,
    ) ?? []
  if (output === undefined) throw new Error(`docs/${name}.md does not show what the lesson prints.`)
  return output
}

const highlighter = createHighlighter({ themes: Object.values(themes), langs: ['ts', 'ini'] })

/** A file as HTML, a line with a number for each excerpt that begins there. */
async function highlighted(file: string, excerpts: Excerpt[]): Promise<string> {
  const { codeToHtml } = await highlighter
  return codeToHtml(read(file).trimEnd(), {
    lang: file.endsWith('.ini') ? 'ini' : 'ts',
    themes,
    defaultColor: false,
    transformers: [
      {
        pre: (node) => void delete node.properties.tabindex,
        // Each line is a block of its own, so that it can have a colour up to the edge.
        code(node) {
          node.children = node.children.filter(({ type }) => type === 'element')
        },
        line(node, line) {
          const excerpt = excerpts.find(({ from, to }) => from <= line && line <= to)
          if (!excerpt) return
          const { number } = excerpt
          node.properties['data-excerpt'] = number
          if (line !== excerpt.from) return
          node.children.unshift({
            type: 'element',
            tagName: 'a',
            properties: {
              class: 'mark vp-raw',
              id: `line-${number}`,
              href: `#excerpt-${number}`,
              'data-excerpt': number,
              'aria-label': `Excerpt ${number}: show it in the article`,
            },
            children: [],
          })
        },
      },
    ],
  })
}

// A blank line would end the block of HTML in the Markdown.
const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '&#10;')
