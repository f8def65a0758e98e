/** What lies between the program and the server does not do its work. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { fault, projectWithServer } from './fault.ts'

const shop = projectWithServer()

/** Listens while the work is done, and does this with each connection. */
async function listening<T>(
  onConnection: (socket: Socket) => void,
  work: (address: { DB_HOST: string; DB_PORT: string }) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const { port } = server.address() as AddressInfo // it listens on TCP
    return await work({ DB_HOST: '127.0.0.1', DB_PORT: String(port) })
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

fault(shop, 'the connection is cut in the middle of a message', () => {
  shop.write("await db.execute(sql`select repeat('x', 10000000)`)")
  const cut = (socket: Socket) => {
    const { DB_HOST, DB_PORT } = shop.address()
    const server = connect(Number(DB_PORT), DB_HOST)
    let passed = 0
    server.on('data', (chunk) => {
      passed += chunk.length
      if (passed > 1_000_000) socket.destroy()
      else socket.write(chunk)
    })
    server.on('error', () => socket.destroy())
    socket.on('data', (chunk) => server.write(chunk))
    socket.on('close', () => server.destroy())
  }
  return listening(cut, (env) => shop.run({ env }))
})

fault(shop, 'the connection is closed before a word is said', () =>
  listening(
    (socket) => socket.destroy(),
    (env) => shop.run({ env }),
  ),
)

fault(shop, 'a server accepts, and never answers', () =>
  listening(
    () => {},
    (env) => shop.run({ env }),
  ),
)

// Everything is acknowledged and nothing arrives, as behind a firewall that has forgotten the connection. The driver has no
// time limit for that, so the script has one of its own.
fault(shop, 'the network falls silent in a query, and a deadline closes the pool', () => {
  shop.write(`setTimeout(() => db.$client.end({ timeout: 0 }), 100)
await db.execute(sql\`select 'silence'\`)`)
  const fallSilent = (socket: Socket) => {
    const { DB_HOST, DB_PORT } = shop.address()
    const server = connect(Number(DB_PORT), DB_HOST)
    let silent = false
    server.on('data', (chunk) => silent || socket.write(chunk))
    server.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      silent ||= chunk.includes('silence')
      if (!silent) server.write(chunk)
    })
    socket.on('close', () => server.destroy())
  }
  return listening(fallSilent, (env) => shop.run({ env }))
})

fault(shop, 'nobody listens', () => shop.run({ env: { DB_HOST: '127.0.0.1', DB_PORT: '1' } }))

fault(shop, 'a server on another machine offers no encryption', () =>
  // An address of this machine that pool.ts does not know as one.
  shop.run({ env: { ...shop.address(), DB_HOST: '0.0.0.0' } }),
)

fault(shop, 'no machine has that name', () => shop.run({ env: { DB_HOST: 'nowhere.invalid' } }))
