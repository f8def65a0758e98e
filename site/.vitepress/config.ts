import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { defineConfig } from 'vitepress'
import { groups, themes, webPage } from '../lessons.ts'

const site = join(import.meta.dirname, '..')
const root = join(site, '..')
const vue = join(site, 'node_modules/vue')
const base = process.env.SITE_BASE ?? '/learning-drizzle/'

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
  srcDir: '../docs',
  outDir: './dist',
  rewrites: { 'README.md': 'index.md' },
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['script', {}, "document.documentElement.classList.add('js')"],
    ['script', {}, storage],
  ],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      ...groups().map(({ title, lessons }) => ({
        text: title,
        items: lessons.map((name) => ({ text: name, link: `/${name}` })),
      })),
      {
        text: 'To look something up',
        items: [
          { text: 'From SQLAlchemy', link: '/crosswalk' },
          { text: 'Questions and answers', link: '/questions' },
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
      // What is outside docs/ becomes a file of the site: so a link to it is true on every host.
      markdown.core.ruler.push('files', ({ tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const target = token.attrGet('href')
          if (token.type === 'link_open' && target?.startsWith('../')) {
            token.attrSet('href', `${base}${publish(target.slice('../'.length))}`)
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
        transform: (text, id) =>
          id.startsWith(join(root, 'docs')) && id.endsWith('.md')
            ? webPage(basename(id, '.md'), text)
            : undefined,
      },
    ],
    // The pages lie outside this folder, so that what they import would not be found from there.
    resolve: {
      alias: [
        { find: /^vue$/, replacement: join(vue, 'dist/vue.runtime.esm-bundler.js') },
        { find: 'vue/server-renderer', replacement: join(vue, 'server-renderer/index.mjs') },
      ],
    },
    publicDir: join(site, 'public'),
    build: { target: 'esnext', chunkSizeWarningLimit: 2000 },
  },
})

/** Puts a file of the project among those of the site, as plain text. Returns its path there. */
function publish(file: string): string {
  const path = `files/${file}.txt`
  if (!existsSync(join(root, file)) || statSync(join(root, file)).isDirectory()) {
    throw new Error(`A page links to ${file}, which is no file.`)
  }
  mkdirSync(dirname(join(site, 'public', path)), { recursive: true })
  copyFileSync(join(root, file), join(site, 'public', path))
  return path
}
