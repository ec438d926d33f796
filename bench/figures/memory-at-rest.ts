import type { ServerProcess } from '../installation/processes.ts'
import type { TestBed } from '../installation/test-bed.ts'
import { newDataFolder, startEmbedded } from '../installation/test-bed.ts'
import type { Figure } from '../measurement/figure.ts'

const REST_MS = 2000
const RESIDENT = /^auth_process_resident_memory_bytes (\S+)$/m

/** The memory of an instance that has had no request. */
export const memoryAtRest = (testBed: TestBed): Figure => ({
  name: 'resident memory at rest',
  unit: 'MB',
  rounds: 3,
  ours: {
    name: 'an instance on real servers',
    open: async () => {
      const installation = await testBed.installation(1)
      return { measure: () => residentMegabytes(installation.start()), close: async () => {} }
    },
  },
  baselines: [],
  min: null,
  max: 150,
})

/** The same on embedded parts. The database exists already, because an instance that creates it uses more memory. */
export const embeddedMemoryAtRest = (): Figure => ({
  name: 'resident memory at rest on embedded parts',
  unit: 'MB',
  rounds: 3,
  ours: {
    name: 'an instance with its embedded database',
    open: async () => {
      const dataFolder = newDataFolder()
      await (await startEmbedded(dataFolder)).stop()
      return { measure: () => residentMegabytes(startEmbedded(dataFolder)), close: async () => {} }
    },
  },
  baselines: [],
  min: null,
  max: null,
})

const residentMegabytes = async (starting: Promise<ServerProcess>): Promise<number> => {
  const { managementUrl, stop } = await starting
  await new Promise((resolve) => setTimeout(resolve, REST_MS))
  const metrics = await (await fetch(`${managementUrl}/metrics`)).text()
  await stop()
  const [, bytes] = RESIDENT.exec(metrics) ?? []
  if (bytes === undefined)
    throw new Error(`${managementUrl}/metrics has no auth_process_resident_memory_bytes`)
  return Number(bytes) / 1e6
}
