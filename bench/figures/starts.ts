import type { Figure } from '../figure.ts'
import { always } from '../figure.ts'
import { newDataDirectory, startService } from '../stage.ts'

const secondsToReady = async (dataDirectory: string): Promise<number> => {
  const { secondsToReady: seconds, stop } = await startService(dataDirectory)
  await stop()
  return seconds
}

/** From nothing: the database is made, the keys too. */
export const firstStart = (): Figure => ({
  name: 'first start to ready',
  unit: 'seconds',
  rounds: 2,
  ours: { name: 'in a new folder', open: always(() => secondsToReady(newDataDirectory())) },
  beside: [],
  atMost: null,
})

/** As everybody meets it after the first time. */
export const laterStart = (): Figure => ({
  name: 'start to ready',
  unit: 'seconds',
  rounds: 7,
  ours: {
    name: 'from the start of the process to 200 at /health/ready',
    open: async () => {
      const dataDirectory = newDataDirectory()
      await secondsToReady(dataDirectory)
      return { measure: () => secondsToReady(dataDirectory), close: async () => {} }
    },
  },
  beside: [],
  atMost: 3,
})
