import { createHash, timingSafeEqual } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { Denied, json, refuse } from '../edge/answers.ts'
import { parseJson } from '../edge/json-body.ts'

export type OwnerCommands = {
  /** Only who can read the owner's token file has it. */
  readonly token: string
  /** Undefined when there is no command of this name. */
  run(name: string, input: unknown): Promise<unknown>
}

/** Owner's commands, for the command line of the same machine while the embedded service holds the data directory. */
export const commandRoutes = ({ token, run }: OwnerCommands) =>
  new Elysia().post(
    '/commands/:name',
    async ({ params, body, request }) => {
      const outcome = await run(params.name, body)
      return outcome === undefined ? refuse(request, { code: 'not-found' }) : json(200, outcome)
    },
    {
      parse: parseJson,
      body: Type.Object({}, { additionalProperties: true }),
      transform: ({ request }) => {
        // A page in a browser on this machine can reach loopback too; it cannot leave out its origin.
        if (request.headers.has('origin')) throw new Denied({ code: 'origin-not-allowed' })
        if (!isSame(request.headers.get('authorization') ?? '', `Bearer ${token}`))
          throw new Denied({ code: 'unauthenticated', headers: { 'www-authenticate': 'Bearer' } })
      },
    },
  )

// Digests have one length, so the comparison takes the same time whatever was sent.
const isSame = (given: string, expected: string): boolean =>
  timingSafeEqual(digest(given), digest(expected))

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
