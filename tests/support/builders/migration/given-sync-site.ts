import { expect } from 'bun:test'
import { makeWebhookSecret } from '../../../../src/main/config/backend.ts'
import type { FollowingBackend } from '../../fakes/migration/following-backend.ts'
import type { Environment } from '../../processes/native/spawn-process.ts'
import { metricsOf } from '../../processes/service/metrics-of.ts'
import type { Service } from '../../processes/service/start-service.ts'
import { runCommand } from '../../processes/service/start-service.ts'
import { eventually } from '../../processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../processes/timing/waking-time.ts'
import { PASSWORD } from '../accounts/given-users.ts'
import type { Answer } from '../http/given-http.ts'
import { send, signIn } from '../http/given-http.ts'
import type { Site } from '../service/given-site.ts'
import { givenSite } from '../service/given-site.ts'

/** An installation of two instances with a Backend, and an administrator who can change the mode. */
export const givenSyncSite = async (
  natsUrl: string,
  backend: FollowingBackend,
  environment: Environment = {},
) => {
  const site = await givenSite({
    natsUrl,
    environment: {
      BACKEND_SYNC_URL: backend.url,
      BACKEND_SYNC_SECRET: makeWebhookSecret(),
      ...environment,
    },
  })
  const words = 'admin create --email ada@example.com --username ada'.split(' ')
  const made = await runCommand(words, { environment: site.environment, stdin: PASSWORD })
  if (made.exitCode !== 0) throw new Error(made.stderr)
  const instances = [await site.start(), await site.start()] as const
  // Only changes of the mode are logged. An instance that has not read the mode yet would not log the first change.
  await Promise.all(instances.map(hasLooked))
  const bearer = (await signIn(instances[0], 'ada')).body.tokens.accessToken
  return {
    site,
    instances,
    ...administration(instances, bearer),
    untilCurrent: waitUntilCurrent(site, backend),
  }
}

const PATH = '/v1/admin/sync'

const administration = (instances: readonly [Service, Service], bearer: string) => {
  const status = async (instance: Service = instances[0]) =>
    (await send(instance, 'GET', PATH, { bearer })).body
  const put = (body: object, instance: Service = instances[0]): Promise<Answer> =>
    send(instance, 'PUT', PATH, {
      bearer,
      body: { reason: 'a test', ...body },
      headers: { 'if-match': '*' },
    })
  return {
    status,
    put,
    report: async () => (await send(instances[0], 'GET', `${PATH}/report`, { bearer })).body,
    /** Changes the mode at one instance. Answers the seconds until both instances follow it. */
    setMode: async (
      body: { readonly mode: string; readonly percent?: number },
      at = 0,
    ): Promise<number> => {
      const began = wakingMilliseconds()
      const changed = await put(body, instances[at])
      if (changed.status !== 200) throw new Error(JSON.stringify(changed.body))
      for (const { seen } of instances.map(modeOf)) await seen(changed.body.epoch)
      return (wakingMilliseconds() - began) / 1000
    },
  }
}

const hasLooked = (instance: Service): Promise<void> =>
  eventually('a first look at the mode', 15, async () => {
    const shown = (await metricsOf(instance)).filter(({ series }) => series.startsWith(MODE))
    if (!shown.some(({ value }) => value === 1)) throw new Error('not yet')
  })
const MODE = 'auth_sync_mode{'

/** Waits for the epoch that an instance logs. */
const modeOf = (instance: Service) => ({
  seen: (epoch: number) =>
    eventually(`epoch ${epoch}`, 15, async () => {
      const known = instance.logLines().filter(({ event }) => event === 'sync.mode')
      if (Number(known.at(-1)?.['epoch']) < epoch || known.length === 0) throw new Error('not yet')
    }),
})

/** Resolves when Backend has the same users as the database. Answers the seconds that took. */
const waitUntilCurrent =
  ({ sql }: Site, { users }: FollowingBackend) =>
  async (seconds: number): Promise<number> => {
    const began = wakingMilliseconds()
    await eventually('Backend to be current', seconds, async () => {
      const ours = await sql<{ id: string; version: number; name: string | null }[]>`
        select id, version::integer as version, display_name as name from users`
      const differing = ours.filter(({ id, version, name }) => {
        const theirs = users.get(id)
        return theirs?.version !== version || theirs.displayName !== name
      })
      expect(differing).toEqual([])
    })
    return (wakingMilliseconds() - began) / 1000
  }
