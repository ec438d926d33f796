import type { Figure } from '../figure.ts'
import { newDataDirectory, startService } from '../stage.ts'

const REST_MS = 2000
const RESIDENT = /^auth_process_resident_memory_bytes (\S+)$/m

/** Of a service that nobody has asked anything yet, not the one that made its database. */
export const memoryAtRest = (): Figure => ({
  name: 'resident memory at rest',
  unit: 'MB',
  rounds: 3,
  ours: {
    name: 'all parts embedded',
    open: async () => {
      const dataDirectory = newDataDirectory()
      await (await startService(dataDirectory)).stop()
      return { measure: () => residentMegabytes(dataDirectory), close: async () => {} }
    },
  },
  beside: [],
  atMost: null,
})

const residentMegabytes = async (dataDirectory: string): Promise<number> => {
  const { managementUrl, stop } = await startService(dataDirectory)
  await new Promise((resolve) => setTimeout(resolve, REST_MS))
  const metrics = await (await fetch(`${managementUrl}/metrics`)).text()
  await stop()
  const [, bytes] = RESIDENT.exec(metrics) ?? []
  if (bytes === undefined) throw new Error('the metrics do not tell the resident memory')
  return Number(bytes) / 1e6
}
