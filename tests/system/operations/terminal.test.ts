import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { ENTRANCES, RUNTIMES } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

/** Starts the service at a terminal, stops it once it has said this, and answers everything that it said. */
const sayAtTerminal = async (command: readonly string[], last: string): Promise<string> => {
  const { PATH, HOME } = process.env
  const decoder = new TextDecoder()
  const said = Promise.withResolvers<void>()
  let output = ''
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env: {
      PATH,
      HOME,
      DENO_NO_UPDATE_CHECK: '1',
      NODE_ENV: 'development',
      PORT: '0',
      MANAGEMENT_PORT: '0',
      DATA_DIR: join(temporaryFolder(), 'data'),
    },
    terminal: {
      cols: 200,
      rows: 50,
      data: (_terminal, bytes) => {
        output += decoder.decode(bytes, { stream: true })
        if (output.includes(last)) said.resolve()
      },
    },
  })
  await Promise.race([said.promise, child.exited])
  child.kill('SIGTERM')
  await child.exited
  return output.replaceAll('\r\n', '\n')
}

test.each(RUNTIMES)(
  'at a terminal the service on %s writes lines for people, and each warning once',
  async (runtime) => {
    const output = await sayAtTerminal(await ENTRANCES[runtime](), 'Ctrl-C stops it.')
    const lines = output.split('\n')
    expect(lines[0]).toBe('Preparing the database…')
    expect(lines.filter((line) => line.startsWith('{'))).toEqual([])
    expect(output).toContain('is ready')
    expect(output.split('Embedded, for development only')).toHaveLength(2)
    expect(output).not.toContain('service.embedded-parts')
    expect(output).toMatch(/^\d\d:\d\d:\d\d warn {2}keys\.generated {2}directory=/m)
    expect(output).toMatch(/^\d\d:\d\d:\d\d info {2}service\.stopping {2}signal=SIGTERM$/m)
  },
  120_000,
)
