import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractProblems, eventProblems } from '../../scripts/contracts/check-event-contract.ts'
import { ROOT } from '../../scripts/repository.ts'
import { temporaryFolder } from '../support/processes/test-run/temporary-folder.ts'

// Compiling the schemas takes long on a busy machine.
setDefaultTimeout(60_000)

type Editable = {
  required: string[]
  properties: Record<string, object>
  [keyword: string]: unknown
}

/** The problems of a copy of the contract in which one schema was edited. */
const problemsAfter = async (version: string, edit: (schema: Editable) => void) => {
  const root = await copyOfContract()
  const path = join(root, `contracts/user-events/${version}.schema.json`)
  const schema: Editable = JSON.parse(await readFile(path, 'utf8'))
  edit(schema)
  await writeFile(path, JSON.stringify(schema))
  return eventProblems(root)
}
const copyOfContract = async (): Promise<string> => {
  const root = temporaryFolder()
  await mkdir(join(root, 'docs'), { recursive: true })
  await cp(join(ROOT, 'contracts'), join(root, 'contracts'), { recursive: true })
  await cp(join(ROOT, 'docs/asyncapi.yaml'), join(root, 'docs/asyncapi.yaml'))
  return root
}

const withoutField = (schema: Editable, field: string): void => {
  schema.required = schema.required.filter((name) => name !== field)
  delete schema.properties[field]
}

describe('the check of the event contract', () => {
  test('finds nothing wrong with the present one', async () => {
    expect(await contractProblems()).toEqual([])
  })

  test('lets an optional field be added, and words be changed', async () => {
    const problems = await problemsAfter('v1', (schema) => {
      schema.properties['pronouns'] = { type: 'string' }
      schema.properties['role'] = { ...schema.properties['role'], description: 'other words' }
      schema['title'] = 'another title'
    })
    expect(problems).toEqual([])
  })

  test('lets a type be named that the allowed values have already', async () => {
    const problems = await problemsAfter('v2', (schema) => {
      schema.properties['role'] = { type: 'string', enum: ['user', 'moderator', 'admin'] }
      schema.properties['schemaVersion'] = { type: 'integer', const: 2 }
    })
    expect(problems).toEqual([])
  })

  test.each<[string, string, (schema: Editable) => void]>([
    [
      'role: type was not there and is ["string","null"]',
      'v1',
      (schema) => {
        const values = { enum: ['user', 'moderator', 'admin'] }
        schema.properties['role'] = { ...values, type: ['string', 'null'] }
      },
    ],
    [
      'schemaVersion: type was not there and is "string"',
      'v2',
      (schema) => {
        schema.properties['schemaVersion'] = { type: 'string', const: 2 }
      },
    ],
    [
      'avatar: format was "uri" and is not there',
      'v1',
      (schema) => {
        const { format: _, ...others } = { format: '', ...schema.properties['avatar'] }
        schema.properties['avatar'] = others
      },
    ],
    [
      'email: format was not there and is "hostname"',
      'v1',
      (schema) => {
        schema.properties['email'] = { ...schema.properties['email'], format: 'hostname' }
      },
    ],
    ['avatar is gone', 'v1', (schema) => withoutField(schema, 'avatar')],
    [
      'username was promised and is optional',
      'v1',
      (schema) => {
        schema.required = schema.required.filter((name) => name !== 'username')
      },
    ],
    [
      'pronouns is new and not optional',
      'v2',
      (schema) => {
        schema.properties['pronouns'] = { type: 'string' }
        schema.required.push('pronouns')
      },
    ],
    [
      'isActive: type was "boolean" and is "string"',
      'v2',
      (schema) => {
        schema.properties['isActive'] = { type: 'string' }
      },
    ],
    [
      'username: type was "string" and is ["string","null"]',
      'v1',
      (schema) => {
        schema.properties['username'] = {
          ...schema.properties['username'],
          type: ['string', 'null'],
        }
      },
    ],
    [
      'role: enum was ["user","moderator","admin"] and is ["user","admin"]',
      'v1',
      (schema) => {
        schema.properties['role'] = { enum: ['user', 'admin'] }
      },
    ],
    [
      'displayName: maxLength was 100 and is 50',
      'v1',
      (schema) => {
        schema.properties['displayName'] = { ...schema.properties['displayName'], maxLength: 50 }
      },
    ],
    [
      'additionalProperties was not there and is false',
      'v1',
      (schema) => {
        schema['additionalProperties'] = false
      },
    ],
  ])('refuses that %s', async (problem, version, edit) => {
    expect(await problemsAfter(version, edit)).toContain(
      `contracts/user-events/${version}.schema.json breaks consumers: ${problem}`,
    )
  })

  test('names the released event that no longer fits', async () => {
    const problems = await problemsAfter('v1', (schema) => {
      schema.properties['role'] = { enum: ['user', 'admin'] }
    })
    expect(problems.find((problem) => problem.includes('role-changed'))).toStartWith(
      'contracts/user-events/corpus/v1/0.1.0-role-changed.json was released, and /role must be equal',
    )
  })

  test('refuses a document that is not AsyncAPI 3.0', async () => {
    const root = await copyOfContract()
    await writeFile(join(root, 'docs/asyncapi.yaml'), 'asyncapi: 3.0.0\ninfo: {}\n')
    expect(await contractProblems(root)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^docs\/asyncapi\.yaml: \/info .*must have required property/),
      ]),
    )
  })

  test('refuses a reference that leads nowhere', async () => {
    const root = await copyOfContract()
    const path = join(root, 'docs/asyncapi.yaml')
    const document = await readFile(path, 'utf8')
    await writeFile(path, document.replace('#/channels/deadLetters', '#/channels/nowhere'))
    expect((await contractProblems(root)).join()).toContain('#/channels/nowhere')
  })
})
