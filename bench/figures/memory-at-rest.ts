import type { Server } from '../children.ts'
import type { Figure } from '../figure.ts'
import type { Stage } from '../stage.ts'
import { newDataDirectory, startEmbedded } from '../stage.ts'

const REST_MS = 2000
const RESIDENT = /^auth_process_resident_memory_bytes (\S+)$/m

/** Of an instance that nobody has asked anything yet. */
export const memoryAtRest = (stage: Stage): Figure => ({
  name: 'resident memory at rest',
  unit: 'MB',
  rounds: 3,
  ours: {
    name: 'an instance on real servers',
    open: async () => {
      const stand = await stage.stand(1)
      return { measure: () => residentMegabytes(stand.start()), close: async () => {} }
    },
  },
  beside: [],
  floor: null,
  atMost: 150,
})

/** Not of the service that made its database, which takes more. */
export const embeddedMemoryAtRest = (): Figure => ({
  name: 'resident memory at rest on embedded parts',
  unit: 'MB',
  rounds: 3,
  ours: {
    name: 'an instance with its embedded database',
    open: async () => {
      const dataDirectory = newDataDirectory()
      await (await startEmbedded(dataDirectory)).stop()
      return {
        measure: () => residentMegabytes(startEmbedded(dataDirectory)),
        close: async () => {},
      }
    },
  },
  beside: [],
  floor: null,
  atMost: null,
})

const residentMegabytes = async (starting: Promise<Server>): Promise<number> => {
  const { managementUrl, stop } = await starting
  await new Promise((resolve) => setTimeout(resolve, REST_MS))
  const metrics = await (await fetch(`${managementUrl}/metrics`)).text()
  await stop()
  const [, bytes] = RESIDENT.exec(metrics) ?? []
  if (bytes === undefined) throw new Error('the metrics do not tell the resident memory')
  return Number(bytes) / 1e6
}
