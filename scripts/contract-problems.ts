import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import asyncApiSchema from '@asyncapi/specs/schemas/3.0.0.json' with { type: 'json' }
import Ajv from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { ROOT, readFrom } from './repository.ts'
import { breakingChanges } from './schema-changes.ts'

const VERSIONS = ['v1', 'v2'] as const
const FOLDER = 'contracts/user-events'

const json = async (path: string, root: string) => JSON.parse(await readFrom(path, root))

/** What is wrong with the contract of the events, each with the file and the field: empty when it holds. */
export const contractProblems = async (root = ROOT): Promise<string[]> =>
  (
    await Promise.all([
      ...VERSIONS.flatMap((version) => [changesOf(version, root), corpusProblems(version, root)]),
      asyncApiProblems(root),
    ])
  ).flat()

const changesOf = async (version: string, root: string): Promise<string[]> => {
  const path = `${FOLDER}/${version}.schema.json`
  const released = await json(`${FOLDER}/released/${version}.schema.json`, root)
  const breaking = breakingChanges(released, await json(path, root))
  return breaking.map((change) => `${path} breaks consumers: ${change}`)
}

const corpusProblems = async (version: string, root: string): Promise<string[]> => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  addFormats(ajv)
  const isValid = ajv.compile(await json(`${FOLDER}/${version}.schema.json`, root))
  const folder = `${FOLDER}/corpus/${version}`
  const names = await readdir(join(root, folder))
  const checked = names.map(async (name) => {
    const { body } = await json(`${folder}/${name}`, root)
    if (isValid(body)) return []
    return (isValid.errors ?? []).map(
      ({ instancePath, message }) =>
        `${folder}/${name} was released, and ${instancePath} ${message}`,
    )
  })
  return [
    ...(names.length === 0 ? [`${folder} is empty`] : []),
    ...(await Promise.all(checked)).flat(),
  ]
}

const asyncApiProblems = async (root: string): Promise<string[]> => {
  const path = 'docs/asyncapi.yaml'
  const document = Bun.YAML.parse(await readFrom(path, root))
  const ajv = new Ajv({
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    validateFormats: false,
  })
  if (ajv.validate(asyncApiSchema, document)) return []
  return (ajv.errors ?? []).map(
    ({ instancePath, message }) => `${path}: ${instancePath} ${message}`,
  )
}
