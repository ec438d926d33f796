import { call } from '../callers/call.ts'
import type { WorkloadName } from '../callers/workloads.ts'
import { startServer } from '../children.ts'
import type { Figure } from '../figure.ts'
import { closingToo } from '../figure.ts'
import { installPeers, PEERS } from '../install-peers.ts'
import { newDatabase } from '../site.ts'
import type { Stage } from '../stage.ts'
import { addressOf } from './addresses.ts'

type Work = {
  readonly what: string
  readonly ours: WorkloadName
  readonly theirs: WorkloadName
  readonly atLeast: number
}

const WORKS: readonly Work[] = [
  { what: 'sign-up', ours: 'register', theirs: 'peer-sign-up', atLeast: 1.2 },
  { what: 'sign-in', ours: 'sign-in', theirs: 'peer-sign-in', atLeast: 1.2 },
  { what: 'session read', ours: 'read-profile', theirs: 'peer-session', atLeast: 5 },
]

/** The same work on better-auth: the same PostgreSQL, the same hash, the same callers. */
export const besidePeers = (stage: Stage): readonly Figure[] => {
  let started: ReturnType<typeof startPeer> | null = null
  const peer = async () => {
    started ??= startPeer(stage)
    return (await started).url
  }
  return WORKS.map(({ what, ours, theirs, atLeast }, index) => ({
    name: `${what}, compared with better-auth`,
    unit: 'per second',
    rounds: 5,
    ours: { name: `our ${what}`, open: call(ours, addressOf(stage)) },
    beside: [
      {
        name: `better-auth ${what}, pool 8`,
        open: async () => {
          const isLast = index === WORKS.length - 1
          return closingToo(await call(theirs, peer)(), async () => {
            if (isLast) await (await started)?.stop()
          })
        },
        atLeast,
      },
    ],
    floor: null,
    atMost: null,
  }))
}

const startPeer = async ({ servers }: Stage) => {
  installPeers()
  return startServer(`${PEERS}/better-auth.ts`, {
    readyPath: '/ready',
    environment: {
      NODE_ENV: 'production',
      DATABASE_URL: await newDatabase(servers, 'peer'),
      SECRET: crypto.randomUUID().repeat(2),
    },
  })
}
