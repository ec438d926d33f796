import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import type { Probe } from './probes.ts'
import type { Running, Server } from './server.ts'

/** Starts it and learns its version. It is removed when the tests of this process have ended, if not before. */
export const serverOf = async (running: Running, url: string, probe: Probe): Promise<Server> => {
  atTheEnd(running.remove)
  await running.start()
  return { ...running, url, version: await probe(url) }
}
