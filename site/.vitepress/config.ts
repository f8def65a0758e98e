import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { defineConfig } from 'vitepress'
import { groups } from '../../src/lessons/list.ts'
import { themes, webPage } from '../lessons.ts'
import { timelineHtml } from '../timeline.ts'

const site = join(import.meta.dirname, '..')
const root = join(site, '..')
const vue = join(site, 'node_modules/vue')
const base = process.env.SITE_BASE ?? '/learning-drizzle/'
const folder = process.env.SITE_FOLDER ?? join(root, '.made/site')

// A browser that blocks all cookies throws when a page asks for its storage. Then it is kept until the page is left.
const storage = `for (const name of ['localStorage', 'sessionStorage']) {
  try { window[name] } catch {
    const kept = new Map()
    Object.defineProperty(window, name, { value: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, String(value)),
      removeItem: (key) => void kept.delete(key),
    } })
  }
}`

export default defineConfig({
  title: 'Learning Drizzle',
  description: 'Drizzle ORM on real PostgreSQL, one runnable script at a time',
  lang: 'en',
  base,
  srcDir: root,
  srcExclude: ['*.md', '{bench,site,test,.made}/**'],
  outDir: join(folder, 'dist'),
  cacheDir: join(folder, 'cache'),
  rewrites: {
    'src/lessons/README.md': 'index.md',
    'src/lessons/:name/README.md': ':name.md',
    'docs/:name.md': ':name.md',
  },
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['script', {}, "document.documentElement.classList.add('js')"],
    ['script', {}, storage],
  ],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      ...groups.map(({ title, lessons }) => ({
        text: title,
        items: lessons.map(({ name }) => ({ text: name, link: `/${name}` })),
      })),
      {
        text: 'To look something up',
        items: [
          { text: 'From SQLAlchemy', link: '/crosswalk' },
          { text: 'Questions and answers', link: '/questions' },
          { text: 'Timelines', link: '/timelines' },
          { text: 'Anomalies', link: '/anomalies' },
          { text: 'When something goes wrong', link: '/faults' },
          { text: 'What it costs', link: '/benchmark' },
          { text: 'Which one do I need?', link: '/scaling' },
          { text: 'Drizzle 1.0', link: '/drizzle-1.0' },
        ],
      },
    ],
  },
  markdown: {
    theme: themes,
    config(markdown) {
      const { fence } = markdown.renderer.rules
      markdown.renderer.rules.fence = (tokens, i, ...rest) => {
        const { info = '', content = '' } = tokens[i] ?? {}
        return info === 'timeline' ? timelineHtml(content) : (fence?.(tokens, i, ...rest) ?? '')
      }
      markdown.core.ruler.push('links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const target = token.attrGet('href')
          if (token.type !== 'link_open' || !target || /^(#|\w+:)/.test(target)) continue
          const [path = '', hash] = target.split('#')
          const file = relative(root, join(dirname(env.realPath ?? env.path), path))
          const page = pageName(file)
          if (page) token.attrSet('href', `/${page}.md${hash ? `#${hash}` : ''}`)
          else {
            // What is no page becomes a file of the site: so a link to it is true on every host.
            token.attrSet('href', `${base}${publish(file)}`)
            token.attrSet('target', '_blank')
          }
        }
      })
    },
  },
  vite: {
    plugins: [
      {
        name: 'lessons',
        enforce: 'pre',
        transform(text, id) {
          const name = pageName(relative(root, id))
          return name && webPage(name, text)
        },
      },
    ],
    // The pages lie outside this folder, so that what they import would not be found from there.
    resolve: {
      alias: [
        { find: /^vue$/, replacement: join(vue, 'dist/vue.runtime.esm-bundler.js') },
        { find: 'vue/server-renderer', replacement: join(vue, 'server-renderer/index.mjs') },
      ],
    },
    publicDir: join(folder, 'public'),
    envDir: site, // not the folder with the password
    build: { target: 'esnext', chunkSizeWarningLimit: 2000 },
  },
})

/** What a file of the project is called as a page of the site. Nothing, if it is none. */
function pageName(file: string): string | undefined {
  if (file === 'src/lessons/README.md') return 'index'
  return /^(?:src\/lessons\/(.+)\/README|docs\/(.+))\.md$/.exec(file)?.slice(1).find(Boolean)
}

/** Puts a file of the project among those of the site, as plain text. Returns its path there. */
function publish(file: string): string {
  const path = `files/${file}.txt`
  if (!existsSync(join(root, file)) || statSync(join(root, file)).isDirectory()) {
    throw new Error(`A page links to ${file}, which is no file.`)
  }
  mkdirSync(dirname(join(folder, 'public', path)), { recursive: true })
  copyFileSync(join(root, file), join(folder, 'public', path))
  return path
}
