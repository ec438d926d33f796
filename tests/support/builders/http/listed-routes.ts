import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../../scripts/repository.ts'

// biome-ignore lint/suspicious/noExplicitAny: schemas are walked, not typed
export type Schema = any

export type ListedRoute = {
  readonly method: string
  /** As the document writes it: `/v1/users/me/sessions/{id}`. */
  readonly template: string
  /** The schema of its JSON body; null where it takes none. */
  readonly body: Schema | null
  readonly isBodyRequired: boolean
  readonly isGuarded: boolean
  /** What it may answer, by status: the schema of the body by content type. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, Schema>>>>
  readonly parameters: readonly Schema[]
}

/** A path that the template describes. */
export const pathOf = ({ template }: ListedRoute): string =>
  template
    .replace('{id}', '0198f3a2-0000-7000-8000-000000000001')
    .replace('{code}', 'not-found')
    .replace('{provider}', 'google')
    .replace('{ticket}', 'x'.repeat(43))

/** The published document, as clients have it. */
export const openApi: Schema = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8'))

const METHODS = ['get', 'put', 'post', 'delete', 'patch']

/** What a reference stands for; any other schema as it is. */
export const resolved = (schema: Schema): Schema =>
  typeof schema?.$ref === 'string'
    ? schema.$ref
        .slice(2)
        .split('/')
        .reduce((at: Schema, name: string) => at[name], openApi)
    : schema

const contentsOf = (answer: Schema): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries<Schema>(resolved(answer).content ?? {}).map(([type, { schema }]) => [
      type,
      schema,
    ]),
  )

/** Every route of the document. */
export const listedRoutes: readonly ListedRoute[] = Object.entries<Schema>(openApi.paths).flatMap(
  ([template, methods]) =>
    METHODS.filter((method) => method in methods).map((method) => {
      const route = methods[method]
      const { content, required = false } = resolved(route.requestBody) ?? {}
      return {
        method: method.toUpperCase(),
        template,
        body: content?.['application/json']?.schema ?? null,
        isBodyRequired: required,
        // No requirement, or an empty one among them, says that nobody needs to be signed in (OpenAPI 3.1, Security
        // Requirement).
        isGuarded:
          route.security.length > 0 &&
          route.security.every((each: Schema) => Object.keys(each).length > 0),
        answers: Object.fromEntries(
          Object.entries<Schema>(route.responses).map(([status, answer]) => [
            status,
            contentsOf(answer),
          ]),
        ),
        parameters: [...(methods.parameters ?? []), ...(route.parameters ?? [])].map(resolved),
      }
    }),
)
