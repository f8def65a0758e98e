/**
 * Serves the built site on this machine only:
 *
 *   node --import tsx site/serve.ts
 */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { siteFolder } from './make.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}
const isCompressible = /\.(html|js|css|json|svg|txt|wasm)$/

/**
 * Serves a folder below a path, as a host of static pages does.
 *
 * @param folder what is served.
 * @param options.base the path that it is served under: `/learning-drizzle/`.
 * @param options.port the port to listen on, or any free one if it is taken.
 * @returns the server, and its address.
 */
export async function serve(
  folder: string,
  { base = '/learning-drizzle/', port = 0 } = {},
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    // A reader who leaves while a file is on its way, and a path that cannot be decoded, are no reason to end.
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(400).end()
    })
  })

  async function answer(
    { url, headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { pathname } = new URL(url ?? '/', 'http://localhost')
    if (pathname === '/' && base !== '/') {
      response.writeHead(302, { location: base }).end()
      return
    }
    const found =
      pathname.startsWith(base) && fileFor(folder, decodeURI(pathname.slice(base.length)))
    const status = found ? 200 : 404
    const file = found || join(folder, '404.html')
    const type = types[extname(file)] ?? 'application/octet-stream'
    const common = { 'content-type': type, 'cache-control': 'max-age=600' }
    if (isCompressible.test(file) && headers['accept-encoding']?.includes('gzip')) {
      response.writeHead(status, { ...common, 'content-encoding': 'gzip' })
      await pipeline(createReadStream(file), createGzip(), response)
    } else {
      response.writeHead(status, { ...common, 'content-length': statSync(file).size })
      await pipeline(createReadStream(file), response)
    }
  }

  await listen(server, port).catch(() => listen(server, 0))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  return { server, url: `http://127.0.0.1:${address.port}${base}` }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
}

/** The file for a path, within the folder: the path itself, with .html, or the index of a folder. */
function fileFor(folder: string, path: string): string | undefined {
  const place = join(folder, normalize(`/${path}`))
  const candidates = [place, `${place}.html`, join(place, 'index.html')]
  return candidates.find((file) => existsSync(file) && statSync(file).isFile())
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await serve(join(siteFolder, 'dist'), { port: 8080 })
  console.error(`-- The course is at ${url}. Ctrl-C ends it.`)
}
