import type { Server } from '../children.ts'
import type { Figure } from '../figure.ts'
import { always } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { newDataDirectory, startEmbedded } from '../stage.ts'

const secondsToReady = async (starting: Promise<Server>): Promise<number> => {
  const { secondsToReady: seconds, stop } = await starting
  await stop()
  return seconds
}

const WHAT = 'from the start of the process to 200 at /health/ready'

/** With the servers there and the schema migrated; a second instance beside one that runs. */
export const start = (stage: Stage): Figure => ({
  name: 'start to ready',
  unit: 'seconds',
  rounds: 7,
  ours: {
    name: WHAT,
    open: async () => {
      const stand = await stage.stand(1)
      return { measure: () => secondsToReady(stand.start()), close: async () => {} }
    },
  },
  beside: [],
  floor: null,
  atMost: 1.5,
})

/** From nothing: the database is made, the keys too. */
export const firstEmbeddedStart = (): Figure => ({
  name: 'first start to ready on embedded parts',
  unit: 'seconds',
  rounds: 1,
  ours: {
    name: 'from the start of the process to 200, in a new data folder',
    open: always(() => secondsToReady(startEmbedded(newDataDirectory()))),
  },
  beside: [],
  floor: null,
  atMost: 30,
})

/** As everybody meets it after the first time. */
export const laterEmbeddedStart = (): Figure => ({
  name: 'start to ready on embedded parts',
  unit: 'seconds',
  rounds: 5,
  ours: {
    name: WHAT,
    open: async () => {
      const dataDirectory = newDataDirectory()
      await secondsToReady(startEmbedded(dataDirectory))
      return {
        measure: () => secondsToReady(startEmbedded(dataDirectory)),
        close: async () => {},
      }
    },
  },
  beside: [],
  floor: null,
  atMost: 3,
})
