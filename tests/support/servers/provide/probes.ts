import { connect as connectSocket } from 'node:net'
import postgres from 'postgres'

/** Each resolves with the version of the server that answers there, and rejects when none does. */
export type Probe = (url: string) => Promise<string>

export const probePostgres: Probe = async (url) => {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} })
  try {
    const [row] = await sql<
      { version: string }[]
    >`select current_setting('server_version') as version`
    return row?.version.split(' ')[0] ?? ''
  } finally {
    await sql.end({ timeout: 1 })
  }
}

export const probeRedis: Probe = async (url) => {
  const { RedisClient } = await import('bun')
  const redis = new RedisClient(url, { connectionTimeout: 5000, autoReconnect: false })
  try {
    // Refused while it still reads its file; INFO is not.
    await redis.send('PING', [])
    const about: unknown = await redis.send('INFO', ['server'])
    return /^redis_version:(\S+)/m.exec(String(about))?.[1] ?? ''
  } finally {
    redis.close()
  }
}

/** The server speaks first: `INFO {…}`. */
export const probeNats: Probe = async (url) => {
  const { hostname, port } = new URL(url.split(',')[0] ?? url)
  const greeting = await firstLine(hostname, Number(port || 4222))
  const about: unknown = JSON.parse(greeting.replace(/^INFO /, ''))
  const has = (key: string): unknown =>
    typeof about === 'object' && about !== null ? Reflect.get(about, key) : undefined
  if (has('jetstream') !== true) throw new Error('this NATS server runs without JetStream')
  return String(has('version'))
}

const firstLine = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = connectSocket({ host, port, timeout: 5000 })
    socket.once('timeout', () => socket.destroy(new Error('no answer within 5 s')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed without a word')))
    socket.on('data', (bytes) => {
      text += bytes
      if (!text.includes('\n')) return
      resolve(text.slice(0, text.indexOf('\n')))
      socket.destroy()
    })
  })
