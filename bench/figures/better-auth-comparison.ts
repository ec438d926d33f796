import { createDatabase } from '../installation/open-installation.ts'
import { startServer } from '../installation/processes.ts'
import type { TestBed } from '../installation/test-bed.ts'
import { installPeers, PEERS, serviceAddress } from '../installation/test-bed.ts'
import { callersFor } from '../load/callers.ts'
import type { WorkloadName } from '../load/workloads.ts'
import type { Figure } from '../measurement/figure.ts'
import { alsoClosing } from '../measurement/figure.ts'

type Comparison = {
  readonly what: string
  readonly ours: WorkloadName
  readonly theirs: WorkloadName
  readonly minRatio: number
}

const COMPARISONS: readonly Comparison[] = [
  { what: 'sign-up', ours: 'register', theirs: 'peer-sign-up', minRatio: 1.2 },
  { what: 'sign-in', ours: 'sign-in', theirs: 'peer-sign-in', minRatio: 1.2 },
  { what: 'session read', ours: 'read-profile', theirs: 'peer-session', minRatio: 5 },
]

/** The same work on better-auth, with the same PostgreSQL, hash and callers. */
export const betterAuthComparison = (testBed: TestBed): readonly Figure[] => {
  let started: ReturnType<typeof startBetterAuth> | null = null
  const peerAddress = async () => {
    started ??= startBetterAuth(testBed)
    return (await started).url
  }
  return COMPARISONS.map(({ what, ours, theirs, minRatio }, index) => ({
    name: `${what}, compared with better-auth`,
    unit: 'per second',
    rounds: 5,
    ours: { name: `our ${what}`, open: callersFor(ours, serviceAddress(testBed)) },
    baselines: [
      {
        name: `better-auth ${what}, pool 8`,
        open: async () => {
          const isLast = index === COMPARISONS.length - 1
          return alsoClosing(await callersFor(theirs, peerAddress)(), async () => {
            if (isLast) await (await started)?.stop()
          })
        },
        minRatio,
      },
    ],
    min: null,
    max: null,
  }))
}

const startBetterAuth = async ({ servers }: TestBed) => {
  installPeers()
  return startServer(`${PEERS}/better-auth.ts`, {
    readyPath: '/ready',
    environment: {
      NODE_ENV: 'production',
      DATABASE_URL: await createDatabase(servers, 'peer'),
      SECRET: crypto.randomUUID().repeat(2),
    },
  })
}
