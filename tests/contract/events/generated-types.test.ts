import { beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFromFile } from 'json-schema-to-typescript'
import type { LanguageName } from 'quicktype-core'
import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktype } from 'quicktype-core'
import { ROOT } from '../../../scripts/repository.ts'
import { parseEmail } from '../../../src/domain/accounts/email.ts'
import { BIN } from '../../support/processes/native/spawn-process.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { installPythonPackages } from '../../support/servers/provide/install-programs.ts'

// What other teams generate from the schemas: the types have to be those that a person would write.

const VERSIONS = ['v1', 'v2'] as const
const schemaPath = (version: string) => join(ROOT, `contracts/user-events/${version}.schema.json`)

type Body = Readonly<Record<string, unknown>>

const bodiesOf = (version: string): readonly Body[] => {
  const folder = join(ROOT, `contracts/user-events/corpus/${version}`)
  return readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).body,
  )
}

const run = async (command: readonly string[], environment = {}) => {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...environment },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  return { exitCode: await child.exited, stdout, stderr }
}

/** A program that uses the type of a version. It compiles when the type is right. */
const programFor = (version: string): string => {
  const numbers = version === 'v1' ? '' : 'readonly version: number, readonly schemaVersion: 2,'
  return `
    import type { UserEventVersion${version.slice(1)} as Event } from './event-${version}.ts'
    export const released: readonly Event[] = ${JSON.stringify(bodiesOf(version))}
    export const read = (event: Event): {
      readonly role: 'user' | 'moderator' | 'admin',
      readonly action: 'created' | 'updated' | 'deleted',
      readonly email: string | null,
      readonly isActive: boolean,
      ${numbers}
    } => event
    // @ts-expect-error: there is no such role.
    export const wrong = (event: Event): Event => ({ ...event, role: 'root' })`
}

describe('the TypeScript types that json-schema-to-typescript makes', () => {
  test('have every released event as a value, and refuse a role that is none', async () => {
    const folder = temporaryFolder()
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
    for (const version of VERSIONS) {
      write(`event-${version}.ts`, await compileFromFile(schemaPath(version)))
      write(`program-${version}.ts`, programFor(version))
    }
    const compilerOptions = {
      ...{ strict: true, noEmit: true, allowImportingTsExtensions: true, types: [] },
      ...{ module: 'esnext', moduleResolution: 'bundler', target: 'esnext' },
    }
    write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    expect((await run([join(BIN, 'tsc'), '--project', folder])).stdout).toBe('')
  }, 60_000)
})

describe.each(VERSIONS)('the types that quicktype makes of %s', (version) => {
  const typesIn = async (lang: LanguageName): Promise<string> => {
    const input = new JSONSchemaInput(new FetchingJSONSchemaStore())
    await input.addSource({ name: 'UserEvent', schema: readFileSync(schemaPath(version), 'utf8') })
    const inputData = new InputData()
    inputData.addInput(input)
    const { lines } = await quicktype({
      inputData,
      lang,
      rendererOptions: { 'just-types': 'true' },
    })
    return lines.filter((line) => !/^\s*(?:\/\/|\*|\/\*|""")/.test(line)).join('\n')
  }

  test.each(['python', 'go', 'java', 'csharp', 'kotlin', 'rust'] as const)(
    'have whole numbers in %s',
    async (language) => {
      const types = await typesIn(language)
      expect(types).toMatch(/user_?name/i)
      expect(types).not.toMatch(/\b(?:float|float64|f64|double)\b/i)
    },
  )
})

describe.each(VERSIONS)('the Python model that datamodel-code-generator makes of %s', (version) => {
  // Addresses that registration accepts; some libraries call the last ones reserved.
  const ADDRESSES = [
    'ada@example.com',
    "o'brien+list@xn--y3cr.example.org",
    'ada@mail.local',
    'ada@host.test',
  ]
  const folder = temporaryFolder()
  let packages = ''

  beforeAll(async () => {
    packages = await installPythonPackages([
      'datamodel-code-generator==0.89.0',
      'pydantic[email]==2.14.4',
    ])
  }, 180_000)

  const python = (...args: readonly string[]) =>
    run(['python3', ...args], { PYTHONPATH: `${packages}:${folder}` })

  /** What a consumer in Python reads of each body: its numbers and its address, or why it refuses the body. */
  const read = async (bodies: readonly Body[]) => {
    const made = await python(
      ...['-W', 'ignore', '-m', 'datamodel_code_generator', '--input', schemaPath(version)],
      ...['--input-file-type', 'jsonschema', '--output-model-type', 'pydantic_v2.BaseModel'],
      ...['--output', join(folder, `event_${version}.py`)],
    )
    expect(made).toMatchObject({ exitCode: 0 })
    const path = join(folder, `read_${version}.py`)
    writeFileSync(
      path,
      `import json, sys
from event_${version} import UserEventVersion${version.slice(1)} as Event

def read(body):
    try:
        event = Event.model_validate(body)
        kept = event.model_dump(mode='json')
        return [kept['email'], kept.get('version'), kept.get('schemaVersion')]
    except Exception as fault:
        return str(fault)

print(json.dumps([read(body) for body in json.loads(sys.argv[1])]))
`,
    )
    const { stdout, stderr } = await python(path, JSON.stringify(bodies))
    if (stderr !== '') throw new Error(stderr)
    return JSON.parse(stdout)
  }

  test('reads every released event, and every address that registration accepts', async () => {
    const [sample = {}] = bodiesOf(version)
    const bodies: readonly Body[] = [
      ...bodiesOf(version),
      ...ADDRESSES.map((email) => ({ ...sample, email })),
    ]
    for (const email of ADDRESSES) expect(parseEmail(email)).toMatchObject({ value: email })
    expect(await read(bodies)).toEqual(
      bodies.map((body) => [body['email'], body['version'] ?? null, body['schemaVersion'] ?? null]),
    )
  }, 60_000)

  test('refuses a role that is none', async () => {
    const [sample = {}] = bodiesOf(version)
    expect(await read([{ ...sample, role: 'root' }])).toEqual([expect.stringContaining('role')])
  }, 60_000)
})
