/** What the site adds to a page: the source beside the article, and how the two belong together. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHighlighter } from 'shiki'
import { lessons } from '../src/lessons/list.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The colours of code, in the article and beside it. */
export const themes = {
  light: 'github-light-high-contrast',
  dark: 'github-dark-high-contrast',
} as const

/**
 * Why the web edition cannot run a lesson: what its page says in a comment, `<!-- recorded: it has two servers -->`.
 * A reader then sees what it printed on a server.
 */
export function recordedBecause(markdown: string): string | undefined {
  return /^<!-- recorded: (.*) -->$/m.exec(markdown)?.[1]
}

interface Excerpt {
  number: number
  file: string
  /** The first line of the file is 1. */
  from: number
  to: number
}

/**
 * A page as the site builds it: each excerpt with its number, and behind the article the files that it
 * quotes, with the same numbers. A page that belongs to no lesson stays as it is.
 *
 * @param name the page's name, without `.md`.
 * @throws {Error} if an excerpt does not stand in its file.
 */
export async function webPage(name: string, markdown: string): Promise<string> {
  const isLesson = lessons.some((lesson) => lesson.name === name)
  const excerpts: Excerpt[] = []
  const article = withoutNavigation(markdown).replace(
    /^```(\w+) (\S+)\n([\s\S]*?)^```$/gm,
    (_, language: string, file: string, body: string) => {
      const fence = `\`\`\`${language}\n${body}\`\`\``
      if (language === 'diff') return changeFigure(file, fence)
      if (!isLesson) return fence
      const excerpt = { number: excerpts.length + 1, file, ...place(name, file, body) }
      excerpts.push(excerpt)
      return excerptFigure(excerpt, fence)
    },
  )
  if (!isLesson) return article
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

/** What a tab is called: `connection.ts`, `shared/shop.ts`, `db/pool.ts`. */
const shortName = (file: string) => file.replace(/^src\/(lessons\/((?!shared)[^/]+\/)?)?/, '')

/** Where an excerpt stands in its file. */
function place(page: string, file: string, body: string): { from: number; to: number } {
  const source = `\n${read(file)}`
  const at = source.indexOf(`\n${body}`)
  if (at < 0) throw new Error(`The page of ${page} quotes what is not in ${file}:\n${body}`)
  const from = source.slice(0, at).split('\n').length
  return { from, to: from + body.trimEnd().split('\n').length - 1 }
}

/** The column beside the article. It is there without JavaScript as well, less its buttons. */
async function pane(name: string, markdown: string, excerpts: Excerpt[]): Promise<string> {
  const script = `src/lessons/${name}/${name}.ts`
  const files = [...new Set([script, ...excerpts.map(({ file }) => file)])]
  const tabs = files.map(
    (file, i) =>
      `<button role="tab" id="tab-${i}" aria-controls="source-${i}" aria-selected="${i === 0}" tabindex="${i === 0 ? 0 : -1}">${shortName(file)}</button>`,
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
  const reason = recordedBecause(markdown)
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
  if (output === undefined)
    throw new Error(`The page of ${name} does not show what the lesson prints.`)
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
