import type { ServerProcess } from '../installation/processes.ts'
import type { TestBed } from '../installation/test-bed.ts'
import { newDataFolder, startEmbedded } from '../installation/test-bed.ts'
import type { Figure } from '../measurement/figure.ts'
import { withoutSetUp } from '../measurement/figure.ts'

const FROM_START_TO_READY = 'from the start of the process to 200 at /health/ready'

/** The start of a second instance. The servers run, and the schema is migrated. */
export const start = (testBed: TestBed): Figure => ({
  name: 'start to ready',
  unit: 'seconds',
  rounds: 7,
  ours: {
    name: FROM_START_TO_READY,
    open: async () => {
      const installation = await testBed.installation(1)
      return { measure: () => secondsToReady(installation.start()), close: async () => {} }
    },
  },
  baselines: [],
  min: null,
  max: 1.5,
})

/** The first start in an empty data folder. The service creates its database and its keys. */
export const firstEmbeddedStart = (): Figure => ({
  name: 'first start to ready on embedded parts',
  unit: 'seconds',
  rounds: 1,
  ours: {
    name: 'from the start of the process to 200, in a new data folder',
    open: withoutSetUp(() => secondsToReady(startEmbedded(newDataFolder()))),
  },
  baselines: [],
  min: null,
  max: 30,
})

/** Every start on embedded parts after the first one. */
export const embeddedStart = (): Figure => ({
  name: 'start to ready on embedded parts',
  unit: 'seconds',
  rounds: 5,
  ours: {
    name: FROM_START_TO_READY,
    open: async () => {
      const dataFolder = newDataFolder()
      await secondsToReady(startEmbedded(dataFolder))
      return { measure: () => secondsToReady(startEmbedded(dataFolder)), close: async () => {} }
    },
  },
  baselines: [],
  min: null,
  max: 3,
})

const secondsToReady = async (starting: Promise<ServerProcess>): Promise<number> => {
  const { secondsToReady: seconds, stop } = await starting
  await stop()
  return seconds
}
