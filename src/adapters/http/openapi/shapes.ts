import { Type } from '@sinclair/typebox'
import type { Operations } from './operation.ts'

const ProblemShape = Type.Object(
  {
    type: Type.String({ format: 'uri-reference' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({
      description: 'The problem code, which keeps its meaning. See /problems/<code>',
    }),
    detail: Type.String(),
    traceId: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          { pointer: Type.String(), detail: Type.String(), code: Type.String() },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { $id: 'Problem', additionalProperties: false },
)

/** A shape that has an `$id` by that name; any other shape as it is. */
export const reference = (schema: unknown): unknown => {
  const name = nameOf(schema)
  return name === null ? expand(schema) : { $ref: `#/components/schemas/${name}` }
}

/** The `components.schemas` object: every shape with an `$id` that an operation mentions, at whatever depth. */
export const describeShapes = (operations: Operations): Record<string, unknown> => {
  const shapes = new Map<string, unknown>()
  const collect = (schema: unknown): void => {
    if (schema === null || typeof schema !== 'object') return
    const name = nameOf(schema)
    if (name !== null && shapes.has(name)) return
    if (name !== null) shapes.set(name, expand(schema))
    for (const inner of Object.values(schema)) collect(inner)
  }
  for (const { body, answers } of Object.values(operations))
    collect([body, ...Object.values(answers).map(({ schema }) => schema)])
  collect(ProblemShape)
  return Object.fromEntries(shapes)
}

const nameOf = (schema: unknown): string | null =>
  schema !== null && typeof schema === 'object' && '$id' in schema && typeof schema.$id === 'string'
    ? schema.$id
    : null

const expand = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(reference)
  if (schema === null || typeof schema !== 'object') return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== '$id')
      .map(([key, value]) => [key, reference(value)]),
  )
}
