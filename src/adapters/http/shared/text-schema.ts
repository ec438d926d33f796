import type { TUnsafe } from '@sinclair/typebox'
import { Kind, Type, TypeRegistry } from '@sinclair/typebox'
import { codePoints } from '../../../domain/shared/plain-text.ts'

/** What JSON Schema says about a text, and so what the OpenAPI document says. */
type TextKeywords = {
  /** The name under which the OpenAPI document has it, where it occurs in several bodies. */
  readonly $id?: string
  readonly description?: string
  readonly format?: string
  readonly enum?: readonly string[]
  /** In code points, as JSON Schema counts. */
  readonly minLength?: number
  readonly maxLength?: number
  /** Read with the flag u, as JSON Schema recommends. */
  readonly pattern?: string
  readonly examples?: readonly string[]
}

type TextRules = {
  /** Decides in place of the keywords, where they cannot say everything or a use case decides. */
  readonly accepts?: (text: string) => boolean
  /** The code of the error, and its sentence when the code alone does not say enough. */
  readonly code?: string
  readonly detail?: string
  /** NUL is part of the text. Otherwise it is refused. */
  readonly hasNul?: true
}

const RULES = Symbol('rules')

export type TextSchema = TUnsafe<string> & TextKeywords & { readonly [RULES]: TextRules }

/**
 * A text of a request. TypeBox counts UTF-16 units and reads patterns without the flag u; this kind reads both as JSON
 * Schema does. A half of a surrogate pair is refused everywhere.
 */
export const textSchema = (keywords: TextKeywords, rules: TextRules = {}): TextSchema => {
  const needsPattern =
    keywords.pattern === undefined && keywords.format === undefined && keywords.enum === undefined
  return Type.Unsafe<string>({
    type: 'string',
    ...keywords,
    ...(needsPattern && rules.hasNul !== true && { pattern: WITHOUT_NUL }),
    [Kind]: 'Text',
    [RULES]: rules,
  }) as TextSchema
}

const WITHOUT_NUL = '^[^\\u0000]*$'

/** What is wrong with a text: a code, and the number or the sentence that belongs to it. */
export type TextFault = {
  readonly code: string
  readonly limit?: number
  readonly detail?: string | undefined
}

/** Null for a text that the schema accepts. */
export const textFault = (schema: TextSchema, text: string): TextFault | null => {
  const { accepts, code, detail, hasNul } = schema[RULES]
  if (!text.isWellFormed() || (hasNul !== true && text.includes('\u0000')))
    return { code: 'invalid-characters' }
  if (accepts !== undefined) return accepts(text) ? null : { code: code ?? 'not-allowed', detail }
  const fault = keywordFault(schema, text)
  return fault === null || code === undefined ? fault : { ...fault, code, detail }
}

const keywordFault = (schema: TextSchema, text: string): TextFault | null => {
  const { enum: values, minLength = 0, maxLength = Infinity, pattern } = schema
  if (values?.includes(text) === false) return { code: 'not-allowed' }
  if (codePoints(text) < minLength) return { code: 'too-short', limit: minLength }
  if (codePoints(text) > maxLength) return { code: 'too-long', limit: maxLength }
  return pattern === undefined || expression(pattern).test(text)
    ? null
    : { code: 'invalid-characters', detail: schema[RULES].detail }
}

const expressions = new Map<string, RegExp>()

const expression = (pattern: string): RegExp => {
  const made = expressions.get(pattern) ?? new RegExp(pattern, 'u')
  expressions.set(pattern, made)
  return made
}

/** Whether a schema was made by `textSchema`. */
export const isTextSchema = (schema: unknown): schema is TextSchema =>
  typeof schema === 'object' && schema !== null && RULES in schema

TypeRegistry.Set<TextSchema>(
  'Text',
  (schema, value) => typeof value === 'string' && textFault(schema, value) === null,
)
