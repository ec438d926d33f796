import { decode } from '@auth-service/user-events'
import { Elysia } from 'elysia'
import { Webhook } from 'standardwebhooks'
import type { Database } from './database.ts'
import { applyToMembers, digestMembers, listMembers, membersOfShard } from './members.ts'

/** This header on every answer says that Backend compares versions: see docs/backend.md. */
const GUARDED = { 'x-sync-guard': 'version' }
const answer = (status: number, body: string | null = null) =>
  new Response(body, { status, headers: GUARDED })

/**
 * Backend's HTTP endpoint. Members can be read by anybody. Changes and the digest need a signature with the secret; without
 * a secret they are refused.
 */
export const makeEndpoint = (database: Database, secret: string | undefined) => {
  const webhook = secret === undefined ? null : new Webhook(secret)
  const signedBody = async (request: Request): Promise<Uint8Array | null> => {
    const body = new Uint8Array(await request.arrayBuffer())
    try {
      // A request without a body is signed too: its text is empty.
      webhook?.verify(new TextDecoder().decode(body), Object.fromEntries(request.headers))
      return webhook === null ? null : body
    } catch {
      return null
    }
  }
  return new Elysia()
    .get('/health', () => ({ status: 'healthy' }))
    .get('/members', () => listMembers(database.sql))
    .post(
      '/sync',
      async ({ request }) => {
        const body = await signedBody(request)
        if (body === null) return answer(401)
        const message = { headers: Object.fromEntries(request.headers), body }
        const decoded = decode(message, 1)
        if (!decoded.ok) return answer(422, decoded.problem)
        const { event } = decoded
        const applied = await database.transact((tx) => applyToMembers(event, tx))
        return answer(applied ? 204 : 409)
      },
      { parse: 'none' },
    )
    .options('/sync', async ({ request }) =>
      answer((await signedBody(request)) === null ? 401 : 204),
    )
    .get('/digest', async ({ request, query: { shard } }) => {
      if ((await signedBody(request)) === null) return answer(401)
      const { sql } = database
      return Response.json(
        shard === undefined ? await digestMembers(sql) : await membersOfShard(sql, Number(shard)),
      )
    })
}
