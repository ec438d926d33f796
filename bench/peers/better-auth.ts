import { hash, verify } from '@node-rs/argon2'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { Pool } from 'pg'
import { ARGON2_PARAMETERS } from '../../src/adapters/crypto/argon2-parameters.ts'

// better-auth, set up as in its documentation, on the same PostgreSQL, with a pool of eight and the hash of this service. Its
// rate limits and its cookie cache of sessions are off. Our service reads the session from the database, or from a cache of
// one second.

const { memoryKiB, iterations, parallelism } = ARGON2_PARAMETERS
const parameters = { memoryCost: memoryKiB, timeCost: iterations, parallelism }
const { DATABASE_URL: connectionString, PORT, SECRET } = process.env
if (connectionString === undefined || SECRET === undefined)
  throw new Error('DATABASE_URL and SECRET must be set')

const options = {
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: SECRET,
  database: new Pool({ connectionString, max: 8 }),
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password: string) => hash(password, parameters),
      verify: ({ hash: stored, password }: { hash: string; password: string }) =>
        verify(stored, password),
    },
  },
  rateLimit: { enabled: false },
  advanced: { disableCSRFCheck: true },
  telemetry: { enabled: false },
}

await (await getMigrations(options)).runMigrations()
const auth = betterAuth(options)

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(PORT),
  fetch: (request) =>
    new URL(request.url).pathname === '/ready' ? new Response('ready') : auth.handler(request),
})
